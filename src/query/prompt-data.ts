import { partsOf } from './markdown-parts.ts';

// What nobody sees and a model reads: zero-width and bidirectional controls, tag characters, fillers, and variation
// selectors in a row. A joiner stays between letters of the scripts that need it, and in emoji.
const INVISIBLE = new RegExp(
  [
    '[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u200e\\u200f\\u202a-\\u202e]',
    '[\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]',
    '[\\u200c\\u200d]{2,}|(?<=\\p{ASCII})[\\u200c\\u200d]|[\\u200c\\u200d](?=\\p{ASCII})|[\\ufe00-\\ufe0f]{2,}',
    '(?![\\n\\t])\\p{Cc}',
  ].join('|'),
  'gu',
);
const LINE_SEPARATORS = /\r\n?|[\u2028\u2029]/g;

// The prompt's own tags, in any spelling that could pass for them.
const OWN_TAGS = /<(?=\s*(?:\/\s*)?(?:passage|question)\b)/gi;
// What chat templates make turns of (ChatML, Llama, Mistral, Gemma, GLM, DeepSeek, gpt-oss): no tokenizer is to find a
// control token in a document. Upper-case names are left to code: `Promise<User>`.
const TEMPLATE_TOKENS =
  /<(?=\s*[|｜]|<\/?SYS>|\/?(?:s|sop|eop|bos|eos|think|system|assistant|user|tool_call|tool_response|start_of_turn|end_of_turn)>)/g;
const TEMPLATE_BRACKETS =
  /\[(?=\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|THINK|gMASK)\])/gi;
// A line such as `System:` or `### Instruction:` begins a turn in templates without tokens.
const ROLE_HEADERS =
  /^((?:[^\S\n]|[#>*_-])*(?:system|assistant|user|human|developer|instruction)s?(?: (?:prompt|message|note))?[*_]*)(?=[:：])/gim;

const OWN_MARKERS = /[[【［](\^?\d{1,3}(?:\s*[,;]\s*\^?\d{1,3})*)[\]】］]/g;

/** Text of somebody else as it stands in a prompt: nothing in it ends its place, begins a turn or hides from the reader. */
export function asData(text: string): string {
  return text
    .replace(LINE_SEPARATORS, '\n')
    .replace(INVISIBLE, '')
    .replace(OWN_TAGS, '&lt;')
    .replace(TEMPLATE_TOKENS, '&lt;')
    .replace(TEMPLATE_BRACKETS, '&#91;')
    .replace(ROLE_HEADERS, '$1 ');
}

/** A passage as data: without its comments, and with its own footnotes in round brackets, where none passes for a citation. */
export function passageAsData(text: string): string {
  // What is a comment for its readers, and what becomes one for the model.
  const visible = withoutComments(withoutComments(text).replace(INVISIBLE, ''));
  const parts = partsOf(visible).map(({ kind, start, end }) => {
    const part = visible.slice(start, end);
    return kind === 'prose' ? part.replace(OWN_MARKERS, '($1)') : part;
  });
  return asData(parts.join(''));
}

function withoutComments(text: string): string {
  return partsOf(text)
    .map(({ kind, start, end }) => (kind === 'comment' ? '' : text.slice(start, end)))
    .join('');
}

/** On one line, in double quotes. */
export function attributeAsData(text: string): string {
  return asData(text)
    .replace(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
