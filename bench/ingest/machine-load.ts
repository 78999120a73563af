import { cpus } from 'node:os';

/** How much of the machine's processors everything on it has used since the function was called, 0 to 1. */
export function watchMachine(): () => number {
  const before = times();
  return () => {
    const after = times();
    const total = after.total - before.total;
    return total === 0 ? 0 : (after.busy - before.busy) / total;
  };
}

function times(): { busy: number; total: number } {
  let busy = 0;
  let total = 0;
  for (const { times: spent } of cpus()) {
    const all = Object.values(spent).reduce((sum, ms) => sum + ms, 0);
    total += all;
    busy += all - spent.idle;
  }
  return { busy, total };
}
