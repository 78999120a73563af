import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudCounters } from '../../local/control/control-schema.ts';
import { matching, parseTarget } from '../../local/faults/target.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { readinessSchema } from '../../src/http/dependency-view.ts';
import { type LoadRecord, runOpenLoop } from '../load/open-loop.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import type { Cell } from './cells.ts';
import { measureRecovery } from './recovery.ts';
import { type AskedQuestion, type CellVerdict, isClean, judgeCell } from './verdict.ts';
import { type Asker, type ChaosWorld, createUnknownAsker, renewCaches } from './world.ts';

/** Breaks the cell's dependencies under load, mends them, waits until all is well again, and judges. */
export async function runCell(world: ChaosWorld, cell: Cell, durationMs: number): Promise<CellVerdict> {
  const { stack, bars, ratePerSecond } = world;
  const ask = await renewCaches(world, {}, cell.alsoStreams);
  await awaitCalm(world);
  const { result: records, callsMet } = await duringFault(stack, cell, () => loadFor(world, ask, durationMs));
  const recoveryMs = await measureRecovery({
    ask: createUnknownAsker(world),
    ratePerSecond,
    isRecovered: (reply) => isClean(reply, bars.storeNames),
  });
  return judgeCell(cell, { records, callsMet, recoveryMs }, bars);
}

const CALM_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** Until no breaker is open: what the cell before has opened says nothing of this one. */
async function awaitCalm({ stack, signal }: ChaosWorld): Promise<void> {
  const giveUpAt = performance.now() + CALM_WITHIN_MS;
  for (;;) {
    const response = await fetch(`${stack.url}/health/ready`, {
      headers: { authorization: `Bearer ${stack.key}` },
      signal,
    });
    const seen = readinessSchema.parse(await response.json());
    const dependencies = 'dependencies' in seen ? seen.dependencies : [];
    const open = dependencies.filter(({ state }) => state === 'open').map(({ name }) => name);
    if (open.length === 0) return;
    if (performance.now() > giveUpAt) throw new CommandFailure(`Breakers stay open: ${open.join(', ')}.`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
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
