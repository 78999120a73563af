// What YAML front matter is made of; a text that merely begins with a thematic break has other lines.
const YAML_LINE = /^(?:#.*|[\w$'"][^:\n]*:(?:\s.*)?|-(?:\s.*)?|\s.*|[\]}],?)?$/;
const DELIMITER = /^---[ \t]*$/;
// What describes a document is short; the search for its end is part of the request that accepts the document.
const MAX_CHARACTERS = 16_384;
const MAX_LINES = 200;

/**
 * Where the text proper begins: after a byte order mark, and after a YAML front matter block, which describes the
 * document but is not part of it. One of more than 16,384 characters or 200 lines is none.
 */
export function bodyStart(content: string): number {
  const contentStart = content.startsWith('\uFEFF') ? 1 : 0;
  let at = contentStart;
  const lastEnd = Math.min(content.length, contentStart + MAX_CHARACTERS);
  for (let lines = 0; lines < MAX_LINES && at < lastEnd; lines += 1) {
    const newline = content.indexOf('\n', at);
    const line = content.slice(at, newline === -1 ? content.length : newline).replace(/\r$/, '');
    at = newline === -1 ? content.length : newline + 1;
    const isDelimiter = DELIMITER.test(line);
    if (lines === 0 ? !isDelimiter : !YAML_LINE.test(line) && !isDelimiter) return contentStart;
    if (lines > 0 && isDelimiter) return at;
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
