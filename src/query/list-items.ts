const MARKER = /([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+|$)/gy;
const RULE = /^[ \t]*([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const DEEPEST_MARKER = 3;
const MOST_AFTER_MARKER = 4;
const TAB = 4;

/** The column after a text that begins its line. */
export function indentOf(lead: string): number {
  let column = 0;
  for (const unit of lead) column += unit === '\t' ? TAB - (column % TAB) : 1;
  return column;
}

/**
 * The columns where the text of the open list items begins, after a line. One that goes on by laziness counts as ended:
 * https://spec.commonmark.org/0.31.2/#list-items
 */
export function itemsAfter(line: string, items: readonly number[]): readonly number[] {
  const white = /^[ \t]*/.exec(line)?.[0] ?? '';
  if (white === line) return items;
  const indent = indentOf(white);
  const open = items.filter((item) => item <= indent);
  if (RULE.test(line)) return open;
  for (const found of line.matchAll(MARKER)) {
    const [whole, before = '', marker = '', after = ''] = found;
    const start = found.index + before.length;
    if (indentOf(line.slice(0, start)) - (open.at(-1) ?? 0) > DEEPEST_MARKER) break;
    const afterMarker = indentOf(line.slice(0, start + marker.length));
    const text = indentOf(line.slice(0, found.index + whole.length));
    const isText = after !== '' && text - afterMarker <= MOST_AFTER_MARKER;
    open.push(isText ? text : afterMarker + 1);
  }
  return open;
}
