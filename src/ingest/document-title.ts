import { createFenceTracker } from '../markdown/fences.ts';
import { MAX_TITLE_CHARACTERS, title as titleSchema } from './description-schema.ts';
import { bodyStart } from './front-matter.ts';
import { jsonBytes } from './json-bytes.ts';
import { hasWords } from './words.ts';

const MAX_HEADING_LENGTH = 120;
/** What a heading takes as JSON. */
export const MAX_HEADING_JSON_BYTES = 240;
// Keeps the patterns below cheap whatever the line.
const MAX_SOURCE_LENGTH = 1_000;
const MAX_LINE_LENGTH = 2 * MAX_SOURCE_LENGTH;
// A document without a heading so far begins without one.
const SEARCHED_CHARACTERS = 65_536;
const SEARCHED_LINES = 4_000;
const ATX_HEADING = /^ {0,3}#{1,6}[ \t]+(\S.*)$/;
const SETEXT_UNDERLINE = /^ {0,3}=+[ \t]*$/;

/** What a document is called when its owner does not say: its first heading, else the last segment of its id. */
export function defaultTitle(documentId: string, content: string, contentType: string): string {
  const heading = contentType === 'text/markdown' ? firstHeading(content) : null;
  return heading ?? documentId.slice(documentId.lastIndexOf('/') + 1);
}

/** What a document calls itself, as a title that every store takes; `null` when nothing is left of it. */
export function plainTitle(text: string): string | null {
  const shown = text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_TITLE_CHARACTERS)
    .toWellFormed();
  return titleSchema.safeParse(shown).data ?? null;
}

/** A heading's words without their markup, short enough to travel with every chunk below it. */
export function plainHeading(markdown: string): string {
  const plain = markdown
    .slice(0, MAX_SOURCE_LENGTH)
    .replace(/[ \t]+#+[ \t]*$/, '')
    .replace(/[ \t]*\{#[^}\s]*\}[ \t]*$/, '')
    .replace(/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/<\/?[A-Za-z][^>]*>/g, '')
    .replace(/`+|\*+|~~/g, '')
    .replace(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return truncate(plain);
}

// A scan of lines rather than a parse: this runs in the request that accepts the document.
function firstHeading(content: string): string | null {
  const placeOf = createFenceTracker();
  let previousLine = '';
  let at = bodyStart(content);
  const end = Math.min(content.length, at + SEARCHED_CHARACTERS);
  for (let lines = 0; lines < SEARCHED_LINES && at < end; lines += 1) {
    const newline = content.indexOf('\n', at);
    const lineEnd = newline === -1 ? content.length : newline;
    const line = content.slice(at, Math.min(lineEnd, at + MAX_LINE_LENGTH)).trimEnd();
    at = lineEnd + 1;
    if (line === '' || placeOf(line) !== 'outside') {
      previousLine = '';
      continue;
    }
    const raw = ATX_HEADING.exec(line)?.[1] ?? (SETEXT_UNDERLINE.test(line) ? previousLine : '');
    const heading = raw === '' ? '' : plainHeading(raw);
    if (hasWords(heading)) return heading;
    previousLine = line;
  }
  return null;
}

function truncate(text: string): string {
  let length = Math.min(text.length, MAX_HEADING_LENGTH);
  let short = text;
  while (short.length > MAX_HEADING_LENGTH || jsonBytes(short) > MAX_HEADING_JSON_BYTES) {
    length -= 1;
    // `toWellFormed` mends a surrogate pair that the cut went through.
    short = `${text.slice(0, length).toWellFormed()}…`;
  }
  return short;
}
