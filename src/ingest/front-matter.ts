// A YAML mapping is made of keys and what follows them; a text between two thematic breaks has other lines.
const KEY = /^[\p{L}\p{N}_$'"][^:\n]*:(?:\s+(?<value>\S.*)|\s*)$/u;
const FLOW_MAPPING = /^\{\s*(?:[\p{L}\p{N}_$'"][^:\n]*:.*|\}\s*)?$/u;
const LIST_ITEM = /^-(?:\s|$)/;
const BLANK_OR_COMMENT = /^\s*(?:#.*)?$/;
const OTHER_LINE = /^(?:[#\s].*|[\]}],?)?$/;
// A list is the value of a key that has nothing behind it but a comment, an anchor or a tag.
const NO_VALUE = /^[#&!]/;
const DELIMITER = /^---[ \t]*$/;
// What describes a document is short; the search for its end is part of the request that accepts the document.
const MAX_CHARACTERS = 16_384;
const MAX_LINES = 200;

/**
 * Where the text proper begins: after a byte order mark, and after a YAML front matter block, which describes the
 * document but is not part of it. What has not the lines of a mapping is none, and neither is one of more than 16,384
 * characters or 200 lines.
 */
export function bodyStart(content: string): number {
  const contentStart = content.startsWith('\uFEFF') ? 1 : 0;
  let at = contentStart;
  const lastEnd = Math.min(content.length, contentStart + MAX_CHARACTERS);
  let isMapping = false;
  let takesList = false;
  for (let lines = 0; lines < MAX_LINES && at < lastEnd; lines += 1) {
    const newline = content.indexOf('\n', at);
    const end = newline === -1 ? content.length : newline;
    const line = content.slice(at, Math.min(end, lastEnd)).replace(/\r$/, '');
    at = newline === -1 ? content.length : newline + 1;
    const isDelimiter = DELIMITER.test(line);
    if (lines === 0 && isDelimiter) continue;
    if (lines === 0) return contentStart;
    if (isDelimiter) return isMapping ? at : contentStart;
    const text = isMapping ? line : line.trimStart();
    const key = KEY.exec(text);
    if (key !== null) takesList = NO_VALUE.test(key.groups?.value ?? '#');
    if (key !== null || (!isMapping && FLOW_MAPPING.test(text))) isMapping = true;
    else if (LIST_ITEM.test(line) ? !takesList : !(isMapping ? OTHER_LINE : BLANK_OR_COMMENT).test(line)) {
      return contentStart;
    }
  }
  return contentStart;
}

/** The YAML between its delimiters; `null` when the document does not begin with a front matter. */
export function frontMatterOf(content: string): string | null {
  const end = bodyStart(content);
  const start = content.startsWith('\uFEFF') ? 1 : 0;
  if (end === start) return null;
  const lines = content.slice(start, end).split(/\r?\n/);
  const closing = lines.findLastIndex((line) => DELIMITER.test(line));
  return lines.slice(1, closing).join('\n');
}
