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
  /** Stores in use whose answer was not waited for. */
  late: { store: string; reason: LateReason }[];
}

/**
 * `SLOW`: it takes longer than it used to. `PROBING`: it failed or was slow lately, and this question tried it again. Or
 * why it would turn the question away.
 */
export type LateReason = 'SLOW' | 'PROBING' | UpstreamError['code'];

export interface RaceServices {
  circuits: StoreCircuits;
  standings: StoreStandings;
  clock: Clock;
  telemetry: Telemetry;
  defer: Defer;
}

/** What this isolate's breakers say of the stores. */
export interface StoreCircuits {
  /** Why a query would be turned away now. */
  rejectionOf(store: string): UpstreamError | null;
  /** It failed, and the next query is its probe. */
  isProbing(store: string): boolean;
}

/** Asks one store; the signal is aborted when another one has answered first. */
export type AskStore<S> = (store: S, signal: AbortSignal) => Promise<Result<VectorMatches, UpstreamError>>;

interface Runner {
  store: string;
  /** Asked beside the others, to see whether the store is fast again. */
  isBeside: boolean;
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
 * as far as the budget of extra calls goes, when one takes longer than it usually does, or at once when its query is a
 * probe: then the first answer wins, and the other call is cancelled where the vendor hears of it.
 */
export async function askStores<S extends { readonly name: string }>(
  services: RaceServices,
  stores: readonly S[],
  ask: AskStore<S>,
): Promise<StoreRace> {
  const { standings, clock, circuits } = services;
  const { preferred, demoted } = standings.rank(stores.map(({ name }) => name));
  const waiting = [...preferred, ...demoted];
  const running = new Map<string, Running>();
  const failures: StoreRace['failures'] = [];
  let hedgeAtMs = Number.POSITIVE_INFINITY;

  function start(name: string | undefined, isBeside = false): void {
    const store = stores.find((one) => one.name === name);
    if (store === undefined) return;
    if (!isBeside) {
      hedgeAtMs = clock.nowMs() + (circuits.isProbing(store.name) ? 0 : standings.hedgeDelayMs(store.name));
    }
    running.set(store.name, startRunner(services, store, ask, isBeside));
  }

  standings.noteQuestion();
  start(waiting.shift());
  const trial = standings.takeTrial(waiting.filter((store) => circuits.rejectionOf(store) === null));
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
      const late = new Map<string, LateReason>(
        demoted.map((store) => [store, circuits.rejectionOf(store)?.code ?? 'SLOW']),
      );
      for (const [store, reason] of settleLosers(services, runner, [...running.values()])) late.set(store, reason);
      for (const store of [runner.store, ...failures.map((failure) => failure.store)]) late.delete(store);
      return {
        answered: { store: runner.store, ...result.value },
        failures,
        paid,
        late: [...late].map(([store, reason]) => ({ store, reason })),
      };
    }
    failures.push({ store: runner.store, error: result.error });
    if ([...running.values()].every(({ runner: other }) => isTrial(services, other))) start(waiting.shift());
  }
  return { answered: null, failures, paid: [], late: [] };
}

function startRunner<S extends { readonly name: string }>(
  { clock, standings }: RaceServices,
  store: S,
  ask: AskStore<S>,
  isBeside: boolean,
): Running {
  const runner: Runner = { store: store.name, isBeside, startedAtMs: clock.nowMs(), cancel: new AbortController() };
  const finished = ask(store, runner.cancel.signal).then((result): Finish => {
    const isWanted = !runner.cancel.signal.aborted;
    if (result.ok && isWanted) standings.noteAnswer(runner.store, clock.nowMs() - runner.startedAtMs);
    return { kind: 'finished', runner, result };
  });
  return { runner, finished };
}

/**
 * Whoever wins, it is still learned whether the store is fast again, or works again. Whether a call is its breaker's probe
 * shows only once it is made: it may have queued for a connection while the breaker's time ran out.
 */
function isTrial({ circuits }: RaceServices, { store, isBeside }: Runner): boolean {
  return isBeside || circuits.isProbing(store);
}

/** Cancels them, except trials, which go on after the answer. Says which of them the answer was made without, and why. */
function settleLosers(
  services: RaceServices,
  winner: Runner,
  losers: Running[],
): [store: string, reason: LateReason][] {
  const { standings, clock, defer } = services;
  const late: [string, LateReason][] = [];
  for (const { runner, finished } of losers) {
    if (isTrial(services, runner)) {
      defer('vector-store.trial', finished);
      late.push([runner.store, 'PROBING']);
      continue;
    }
    runner.cancel.abort();
    if (runner.startedAtMs >= winner.startedAtMs) continue;
    standings.noteOvertaken(runner.store, clock.nowMs() - runner.startedAtMs);
    late.push([runner.store, 'SLOW']);
  }
  return late;
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
