import type { CloudCounters } from '../../local/control/control-schema.ts';
import { matching, parseTarget } from '../../local/faults/target.ts';
import { type LoadRecord, runOpenLoop } from '../load/open-loop.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import type { Cell } from './cells.ts';
import { measureRecovery } from './recovery.ts';
import { type AskedQuestion, type CellVerdict, isClean, judgeCell } from './verdict.ts';
import { type Asker, type ChaosWorld, createUnknownAsker, renewCaches } from './world.ts';

/** Breaks the cell's dependencies under load, mends them, waits until all is well again, and judges. */
export async function runCell(world: ChaosWorld, cell: Cell, durationMs: number): Promise<CellVerdict> {
  const { stack, bars, ratePerSecond } = world;
  const ask = await renewCaches(world);
  const { result: records, callsMet } = await duringFault(stack, cell, () => loadFor(world, ask, durationMs));
  const recoveryMs = await measureRecovery({
    ask: createUnknownAsker(world),
    ratePerSecond,
    isRecovered: (reply) => isClean(reply, bars.storeNames),
  });
  return judgeCell(cell, { records, callsMet, recoveryMs }, bars);
}

export function loadFor(
  { ratePerSecond }: ChaosWorld,
  ask: Asker,
  durationMs: number,
): Promise<LoadRecord<AskedQuestion>[]> {
  return runOpenLoop({ ratePerSecond, durationMs, send: ask });
}

/** Holds the faults from before the task begins until it has ended, and counts the calls that met them. */
export async function duringFault<T>(
  { control }: BenchStack,
  { targets, mode }: Pick<Cell, 'targets' | 'mode'>,
  task: () => Promise<T>,
): Promise<{ result: T; callsMet: number }> {
  await control.resetCounters();
  for (const target of targets) await control.setFault({ target, mode });
  const result = await task();
  const callsMet = countCalls(await control.counters(), targets);
  await control.clearFaults();
  return { result, callsMet };
}

/** The calls that reached any of the targets since the counters were reset. */
export function countCalls({ calls }: CloudCounters, targets: readonly string[]): number {
  const parsed = targets.flatMap((text) => {
    const target = parseTarget(text);
    return target.ok ? [{ target: target.value }] : [];
  });
  return calls.filter((call) => matching(parsed, call).length > 0).reduce((sum, { received }) => sum + received, 0);
}
