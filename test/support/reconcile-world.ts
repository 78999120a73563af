import type { IngestServices } from '../../src/ingest/ingest-services.ts';
import { startReconciliation } from '../../src/ingest/reconcile/start-reconciliation.ts';
import { deadlineIn } from '../../src/resilience/deadline.ts';
import type { IngestWorld } from './ingest-world.ts';

const MOST_MESSAGES = 200;
const MINUTE_MS = 60_000;

export function inTime(world: IngestWorld) {
  return deadlineIn(world.services.clock, 10_000);
}

export async function startRun(
  world: IngestWorld,
  { namespace = null, isForced = false }: { namespace?: string | null; isForced?: boolean } = {},
): Promise<string> {
  const started = await startReconciliation(world.services, { namespace, isForced }, inTime(world));
  if (!started.ok || started.value.kind !== 'started') throw new Error(JSON.stringify(started));
  return started.value.id;
}

export async function readRun(world: IngestWorld, id: string) {
  const found = await world.services.catalog.reconciliations.find(id, inTime(world));
  if (!found.ok || found.value === null) throw new Error(JSON.stringify(found));
  return found.value;
}

/** Delivers a run's messages until it is over. */
export async function finishRun(world: IngestWorld, id: string, services?: IngestServices) {
  for (let delivered = 0; delivered < MOST_MESSAGES; delivered += 1) {
    const run = await readRun(world, id);
    if (run.state !== 'running') return run;
    const [next] = world.queue.runs;
    if (next === undefined) throw new Error('the run goes on and no message is in the queue');
    world.pass(Math.max(0, next.atMs - world.services.clock.nowMs()));
    await world.deliverRun(services);
  }
  throw new Error('the run does not end');
}

/** Compares everything, and repairs, when whatever is ready has been so for a while. */
export async function reconcileNow(world: IngestWorld, options?: Parameters<typeof startRun>[1]) {
  world.pass(2 * MINUTE_MS);
  return finishRun(world, await startRun(world, options));
}
