/** A table to look up any word in, also `constructor`, which every plain object seems to have. */
export function wordTable(words: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const table: Record<string, string> = Object.create(null);
  return Object.assign(table, words);
}
