// What YAML front matter is made of; a text that merely begins with a thematic break has other lines.
const YAML_LINE = /^(?:#.*|[\w$'"][^:\n]*:(?:\s.*)?|-(?:\s.*)?|\s.*|[\]}],?)?$/;
const DELIMITER = /^---[ \t]*\r?$/;

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
    const line = content.slice(at, newline === -1 ? content.length : newline);
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
