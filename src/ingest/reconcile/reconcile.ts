import { EMPTY_TALLY, type Reconciliation } from '../../catalog/reconciliation-record.ts';
import type { ReconcileCommit } from '../../catalog/reconciliation-steps.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { DOCUMENTS } from '../document-objects.ts';
import type { MessageOutcome } from '../ingest-job.ts';
import type { IngestServices } from '../ingest-services.ts';
import { stepDeadline } from '../lease-deadline.ts';
import { chunkStoresOf } from './chunk-stores.ts';
import { type ReconcileStep, type SliceContext, stepTo, tallyWith } from './reconcile-step.ts';
import { takeStep } from './take-step.ts';

// A slice of chunks makes some 150 calls at most, and an invocation may make 1,000
// (https://developers.cloudflare.com/workers/platform/limits/#subrequests).
const SLICES_PER_MESSAGE = 5;

const RETRY_SECONDS = 30;

// How often in a row a store may fail before the run goes on without it, and a run before it is given up.
const STORE_ATTEMPTS = 3;
const RUN_ATTEMPTS = 20;

type Held = Reconciliation & { token: string };

/**
 * The next slices of a run, and a message for those after them. A slice is written down in one transaction, so one that
 * was cut off is done again as if it had never been begun; a message too many finds the run taken, or over.
 */
export async function reconcile(services: IngestServices, runId: string): Promise<MessageOutcome> {
  const { catalog, clock, queue, settings } = services;
  const token = services.newId();
  const options = { nowMs: clock.nowMs(), leaseMs: settings.leaseMs };
  const claimed = await catalog.reconciliationSteps.claim(runId, token, options, stepDeadline(services));
  if (!claimed.ok) return { kind: 'retry', delaySeconds: RETRY_SECONDS };
  if (claimed.value === null) return { kind: 'ack' };
  let run: Held = { ...claimed.value, token };
  for (let slice = 0; slice < SLICES_PER_MESSAGE && run.state === 'running'; slice += 1) {
    const advanced = await advance(services, run);
    if (advanced === 'later') return putOff(services, run);
    if (advanced === 'lost') return { kind: 'ack' };
    run = advanced;
  }
  if (run.state !== 'running') {
    announce(services, run);
    return { kind: 'ack' };
  }
  await catalog.reconciliationSteps.release(run, clock.nowMs(), stepDeadline(services));
  // Should the queue refuse, the sweep sends it.
  await queue.send([{ v: 1, kind: 'reconcile', runId }], stepDeadline(services));
  return { kind: 'ack' };
}

async function advance(services: IngestServices, run: Held): Promise<Held | 'later' | 'lost'> {
  const { catalog, clock, settings } = services;
  const deadline = stepDeadline(services);
  const context = contextOf(services, run, deadline);
  if (run.attempts > RUN_ATTEMPTS) return write({ ...run, state: 'failed' }, stepTo(run.position));
  const step = await takeStep(context);
  if (!step.ok) {
    const isStore = [...context.stores.map(({ name }) => name), DOCUMENTS].includes(step.error.dependency);
    if (!isStore || run.attempts < STORE_ATTEMPTS) return 'later';
    return write(without(run, step.error), { ...stepTo(run.position), stopped: [step.error.dependency] });
  }
  if (step.value.isWaiting) return 'later';
  return write(withStep(run, step.value), step.value);

  async function write(next: Held, { found, settled, stopped, remembered, dropped }: ReconcileStep) {
    const { state, position, tallies } = next;
    const commit: ReconcileCommit = {
      state,
      position,
      tallies,
      found,
      settled,
      setAside: stopped,
      remembered,
      dropped,
    };
    const options = { nowMs: clock.nowMs(), leaseMs: settings.leaseMs };
    const committed = await catalog.reconciliationSteps.commit(run, commit, options, deadline);
    if (!committed.ok) return 'later';
    return committed.value ? { ...next, attempts: 0 } : 'lost';
  }
}

function contextOf(services: IngestServices, run: Reconciliation, deadline: SliceContext['deadline']): SliceContext {
  const isUsable = (store: string) => run.tallies[store]?.outcome !== 'unavailable';
  const stores = chunkStoresOf(services.stores, services.lexicalContents).filter(({ name }) => isUsable(name));
  return { services, run, stores, hasObjects: isUsable(DOCUMENTS), deadline };
}

function withStep(run: Held, { next, counted, stopped }: ReconcileStep): Held {
  const tallies = { ...run.tallies };
  for (const [store, more] of counted) tallies[store] = tallyWith(tallies[store], more);
  for (const store of stopped) tallies[store] = { ...(tallies[store] ?? EMPTY_TALLY), outcome: 'stopped' };
  if (next !== null) return { ...run, tallies, position: next };
  const isStopped = Object.values(tallies).some(({ outcome }) => outcome === 'stopped');
  return { ...run, tallies, state: isStopped ? 'stopped' : 'finished' };
}

// What was found of it so far may be all there is, or none of it.
function without(run: Held, { dependency, code }: UpstreamError): Held {
  const tally = run.tallies[dependency] ?? EMPTY_TALLY;
  return { ...run, tallies: { ...run.tallies, [dependency]: { ...tally, outcome: 'unavailable', code } } };
}

async function putOff(services: IngestServices, run: Held): Promise<MessageOutcome> {
  await services.catalog.reconciliationSteps.release(run, services.clock.nowMs(), stepDeadline(services));
  return { kind: 'retry', delaySeconds: RETRY_SECONDS };
}

function announce({ clock, telemetry }: IngestServices, run: Reconciliation): void {
  const sum = (count: (tally: Reconciliation['tallies'][string]) => number) =>
    Object.values(run.tallies).reduce((total, tally) => total + count(tally), 0);
  telemetry.emit({
    event: 'reconcile.finished',
    runId: run.id,
    state: run.state,
    requestedBy: run.requestedBy,
    durationMs: clock.nowMs() - run.startedAtMs,
    checked: sum(({ checked }) => checked),
    differences: sum(({ missing, stale, orphaned }) => missing + stale + orphaned),
    repaired: sum(({ repaired }) => repaired),
  });
}
