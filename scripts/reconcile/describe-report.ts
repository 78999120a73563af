import type { ApiReconciliation } from '../api-client.ts';

const NUMBERS = ['checked', 'missing', 'stale', 'orphaned', 'repaired'] as const;
const GAP = '  ';

/** The report as a table, a line a store, and what to do about it. */
export function describeReport({ state, stores, advice, unrepaired }: ApiReconciliation): string {
  const rows = Object.entries(stores).map(([name, store]) => [
    name,
    ...NUMBERS.map((key) => String(store[key])),
    store.code === null ? store.outcome : `${store.outcome} (${store.code})`,
  ]);
  const table = [['store', ...NUMBERS, 'outcome'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = table.map((row) =>
    row
      .map((cell, n) => padded(cell, n, widths))
      .join(GAP)
      .trimEnd(),
  );
  const end = unrepaired === 0 ? state : `${state}, ${unrepaired} differences are left`;
  return [...lines, `${end}.${advice === null ? '' : ` ${advice}`}`].join('\n');
}

function padded(cell: string, column: number, widths: number[]): string {
  const width = widths[column] ?? 0;
  const isNumber = column > 0 && column <= NUMBERS.length;
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}
