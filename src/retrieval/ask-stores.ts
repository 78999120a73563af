import type { Clock } from '../clock.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';
import type { Defer } from '../telemetry/defer.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { StoreStandings } from './store-standings.ts';
import type { VectorMatches } from './vector-store.ts';

export interface StoreRace {
  answered: (VectorMatches & { store: string }) | null;
  /** Of the stores that failed before another answered, in the order they failed. */
  failures: { store: string; error: UpstreamError }[];
  /** Stores that are paid for an answer: the one that gave it, and those that were still at it. */
  paid: string[];
  /** Stores in use that were too slow: overtaken by another, or passed over because they had been slow before. */
  late: string[];
}

export interface RaceServices {
  standings: StoreStandings;
  clock: Clock;
  telemetry: Telemetry;
  defer: Defer;
}

/** Asks one store; the signal is aborted when another one has answered first. */
export type AskStore<S> = (store: S, signal: AbortSignal) => Promise<Result<VectorMatches, UpstreamError>>;

interface Runner {
  store: string;
  /** A demoted store, asked beside the others to see whether it is fast again. */
  isTrial: boolean;
  startedAtMs: number;
  cancel: AbortController;
}
interface Running {
  runner: Runner;
  finished: Promise<Finish>;
}
interface Finish {
  kind: 'finished';
  runner: Runner;
  result: Result<VectorMatches, UpstreamError>;
}
type RaceEvent = Finish | { kind: 'late' };

/**
 * Asks the stores in turn until one answers; no matches is an answer. The next one is asked when one fails, and also,
 * as far as the budget of extra calls goes, when one takes longer than it usually does: then the first answer wins, and
 * the other call is cancelled where the vendor hears of it.
 */
export async function askStores<S extends { readonly name: string }>(
  services: RaceServices,
  stores: readonly S[],
  ask: AskStore<S>,
): Promise<StoreRace> {
  const { standings, clock } = services;
  const { preferred, demoted } = standings.rank(stores.map(({ name }) => name));
  const waiting = [...preferred, ...demoted];
  const running = new Map<string, Running>();
  const failures: StoreRace['failures'] = [];
  let hedgeAtMs = Number.POSITIVE_INFINITY;

  function start(name: string | undefined, isTrial = false): void {
    const store = stores.find((one) => one.name === name);
    if (store === undefined) return;
    running.set(store.name, startRunner(services, store, ask, isTrial));
    if (!isTrial) hedgeAtMs = clock.nowMs() + standings.hedgeDelayMs(store.name);
  }

  standings.noteQuestion();
  start(waiting.shift());
  const trial = standings.takeTrial(waiting);
  if (trial !== null) start(waiting.splice(waiting.indexOf(trial), 1)[0], true);

  while (running.size > 0) {
    const next = await nextEvent(running, waiting.length > 0 ? hedgeAtMs - clock.nowMs() : Number.POSITIVE_INFINITY);
    if (next.kind === 'late') {
      const mayAsk = standings.tryExtraCall();
      services.telemetry.count('vector.hedges', { outcome: mayAsk ? 'made' : 'over-budget' });
      hedgeAtMs = Number.POSITIVE_INFINITY;
      if (mayAsk) start(waiting.shift());
      continue;
    }
    const { runner, result } = next;
    running.delete(runner.store);
    if (result.ok) {
      const paid = [runner.store, ...running.keys()];
      const overtaken = settleLosers(services, runner, [...running.values()]);
      const late = new Set([...overtaken, ...demoted]);
      for (const store of [runner.store, ...failures.map((failure) => failure.store)]) late.delete(store);
      return { answered: { store: runner.store, ...result.value }, failures, paid, late: [...late] };
    }
    failures.push({ store: runner.store, error: result.error });
    if (![...running.values()].some(({ runner: other }) => !other.isTrial)) start(waiting.shift());
  }
  return { answered: null, failures, paid: [], late: [] };
}

function startRunner<S extends { readonly name: string }>(
  { clock, standings }: RaceServices,
  store: S,
  ask: AskStore<S>,
  isTrial: boolean,
): Running {
  const runner: Runner = { store: store.name, isTrial, startedAtMs: clock.nowMs(), cancel: new AbortController() };
  const finished = ask(store, runner.cancel.signal).then((result): Finish => {
    const isWanted = !runner.cancel.signal.aborted;
    if (result.ok && isWanted) standings.noteAnswer(runner.store, clock.nowMs() - runner.startedAtMs);
    return { kind: 'finished', runner, result };
  });
  return { runner, finished };
}

/** Cancels them, except a trial, which goes on after the answer so that its time is learned. Returns the overtaken. */
function settleLosers({ standings, clock, defer }: RaceServices, winner: Runner, losers: Running[]): string[] {
  const overtaken: string[] = [];
  for (const { runner, finished } of losers) {
    if (runner.isTrial) {
      defer('vector-store.trial', finished);
      continue;
    }
    runner.cancel.abort();
    if (runner.startedAtMs >= winner.startedAtMs) continue;
    standings.noteOvertaken(runner.store, clock.nowMs() - runner.startedAtMs);
    overtaken.push(runner.store);
  }
  return overtaken;
}

async function nextEvent(running: ReadonlyMap<string, Running>, lateInMs: number): Promise<RaceEvent> {
  const finishes: Promise<RaceEvent>[] = [...running.values()].map(({ finished }) => finished);
  if (!Number.isFinite(lateInMs)) return Promise.race(finishes);
  const { promise: late, resolve } = Promise.withResolvers<RaceEvent>();
  const timer = setTimeout(() => resolve({ kind: 'late' }), Math.max(0, lateInMs));
  const next = await Promise.race([...finishes, late]);
  clearTimeout(timer);
  return next;
}
