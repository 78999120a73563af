// What YAML front matter is made of; a text that merely begins with a thematic break has other lines.
const YAML_LINE = /^(?:#.*|[\w$'"][^:\n]*:(?:\s.*)?|-(?:\s.*)?|\s.*|[\]}],?)?$/;
const DELIMITER = /^---[ \t]*$/;

/**
 * Where the text proper begins: after a byte order mark, and after a YAML front matter block, which describes the
 * document but is not part of it.
 */
export function bodyStart(content: string): number {
  const contentStart = content.startsWith('\uFEFF') ? 1 : 0;
  let at = contentStart;
  let isFirstLine = true;
  while (at < content.length) {
    const newline = content.indexOf('\n', at);
    const line = content.slice(at, newline === -1 ? content.length : newline).replace(/\r$/, '');
    at = newline === -1 ? content.length : newline + 1;
    if (isFirstLine) {
      if (!DELIMITER.test(line)) return contentStart;
      isFirstLine = false;
      continue;
    }
    if (DELIMITER.test(line)) return at;
    if (!YAML_LINE.test(line)) return contentStart;
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
