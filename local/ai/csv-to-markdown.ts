/** Comma-separated values (RFC 4180) as one Markdown table; the first row is its head. */
export function csvToMarkdown(csv: string): string {
  const [head, ...rows] = rowsOf(csv);
  if (head === undefined) return '';
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function line(cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function rowsOf(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A cell, quoted or not, and what ends it.
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(cellOf(quoted?.replaceAll('""', '"') ?? plain ?? ''));
    if (end === ',') continue;
    if (row.some((cell) => cell !== '')) rows.push(row);
    row = [];
  }
  return rows;
}

function cellOf(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|');
}
