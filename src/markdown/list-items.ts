const MARKER = /^([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+|$)/;
const MAY_BE_MARKER = /[-*+\d]/;
const RULE = /^[ \t]*([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const DEEPEST_MARKER = 3;
const MOST_AFTER_MARKER = 4;
const TAB = 4;

/** The column after a text that begins in column `from` of its line. */
export function indentOf(text: string, from = 0): number {
  let column = from;
  for (const unit of text) column += unit === '\t' ? TAB - (column % TAB) : 1;
  return column;
}

/**
 * The columns where the text of the open list items begins, after a line. One that goes on by laziness counts as ended:
 * https://spec.commonmark.org/0.31.2/#list-items
 */
export function itemsAfter(line: string, items: readonly number[]): readonly number[] {
  const textAt = line.search(/[^ \t]/);
  if (textAt === -1) return items;
  const indent = indentOf(line.slice(0, textAt));
  const open = items.filter((item) => item <= indent);
  if (!MAY_BE_MARKER.test(line.charAt(textAt)) || RULE.test(line)) return open;
  let column = 0;
  let rest = line;
  for (let found = MARKER.exec(rest); found !== null; found = MARKER.exec(rest)) {
    const [whole, before = '', marker = '', after = ''] = found;
    const markerColumn = indentOf(before, column);
    if (markerColumn - (open.at(-1) ?? 0) > DEEPEST_MARKER) break;
    const afterMarker = markerColumn + marker.length;
    column = indentOf(after, afterMarker);
    const isText = after !== '' && column - afterMarker <= MOST_AFTER_MARKER;
    open.push(isText ? column : afterMarker + 1);
    rest = rest.slice(whole.length);
  }
  return open;
}
