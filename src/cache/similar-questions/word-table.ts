/** A table to look up any word in, also `constructor`, which every plain object seems to have. */
export function wordTable<Value extends string>(
  words: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const table: Record<string, Value> = Object.create(null);
  return Object.assign(table, words);
}
