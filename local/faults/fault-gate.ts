import type { Clock } from '../../src/clock.ts';
import { type CallCount, createCallCounters, type LoggedCall } from './call-counters.ts';
import type { Admission, Call, FaultGate, FaultMode, FaultTarget, ServiceName } from './fault.ts';
import { createFlapper, type Flapper } from './flapper.ts';
import { type LatencyProfile, sampleLatencyMs } from './latency-profile.ts';
import { createSeededRandom } from './seeded-random.ts';
import { coversWholeService, formatTarget, matching } from './target.ts';
import type { Wait } from './wait.ts';

export interface FaultOrder {
  target: FaultTarget;
  mode: FaultMode;
  /** `null`: until cleared. */
  forMs: number | null;
  /** For `flapping`; the gate's own seed when left out. */
  seed?: number | undefined;
  /** For `slow`: the sampled latency times `factor` plus `addMs`. 10 and, where no latency is configured, 2,000 ms. */
  factor?: number | undefined;
  addMs?: number | undefined;
  /** How many of the calls meet the fault, by chance known from the seed; all when left out. */
  share?: number | undefined;
  /** For `error`: how many of those that meet it are carried out all the same, and only answered as failed; none when left out. */
  doneShare?: number | undefined;
}

export interface GateState {
  seed: number;
  faults: { target: string; mode: FaultMode; remainingMs: number | null }[];
  latency: { target: string; profile: LatencyProfile }[];
}

/** The gate and what the control endpoint does to it. */
export interface ControlledFaultGate extends FaultGate {
  /** Replaces a fault of the same target. Resolves once it holds, closed ports included. */
  setFault(order: FaultOrder): Promise<void>;
  /** Clears the faults of exactly this target, or all. */
  clearFaults(target: FaultTarget | null): Promise<void>;
  setLatency(target: FaultTarget, profile: LatencyProfile): void;
  clearLatency(target: FaultTarget | null): void;
  counters(): CallCount[];
  /** Calls that wait for the end of their answer at this moment, by `service:instance/operation`. */
  waiting(): Record<string, number>;
  /** The last calls, since the last reset. */
  log(): LoggedCall[];
  resetCounters(): void;
  describe(): GateState;
}

interface Fault {
  target: FaultTarget;
  mode: FaultMode;
  endsAtMs: number | null;
  flapper: Flapper;
  isMet(): boolean;
  isDoneFirst(): boolean;
  slowFactor: number;
  slowAddMs: number | null;
  replaced: AbortController;
}

interface Latency {
  target: FaultTarget;
  profile: LatencyProfile;
  random: () => number;
}

const SLOW_FACTOR = 10;
const SLOW_ADD_MS_WITHOUT_PROFILE = 2_000;

export function createFaultGate({
  clock,
  seed,
  wait,
}: {
  clock: Clock;
  seed: number;
  wait: Wait;
}): ControlledFaultGate {
  const faults = new Map<string, Fault>();
  const latencies = new Map<string, Latency>();
  const counters = createCallCounters(clock);
  const refusalWatchers = new Set<() => Promise<void>>();

  function activeFaults(): Fault[] {
    return [...faults.values()].filter(({ endsAtMs }) => endsAtMs === null || clock.nowMs() < endsAtMs);
  }

  function latencyMs(call: Call, fault: Fault | undefined): number {
    const latency = matching(latencies.values(), call)[0];
    const usualMs = latency ? sampleLatencyMs(latency.profile, latency.random) : 0;
    if (fault?.mode !== 'slow') return usualMs;
    return usualMs * fault.slowFactor + (fault.slowAddMs ?? (latency ? 0 : SLOW_ADD_MS_WITHOUT_PROFILE));
  }

  function refusesAllOf(service: ServiceName): boolean {
    return activeFaults().some(({ target, mode }) => mode === 'refused' && coversWholeService(target, service));
  }

  async function tellWatchers(): Promise<void> {
    await Promise.all([...refusalWatchers].map((tell) => tell()));
  }

  async function expire(key: string, fault: Fault, forMs: number): Promise<void> {
    await wait(forMs, fault.replaced.signal);
    if (faults.get(key) !== fault) return;
    faults.delete(key);
    await tellWatchers();
  }

  function removeFault(key: string): void {
    faults.get(key)?.replaced.abort();
    faults.delete(key);
  }

  return {
    async admit(call, signal) {
      counters.received(call);
      const covering = matching(activeFaults(), call)[0];
      const fault = covering?.isMet() === true ? covering : undefined;
      const delayMs = latencyMs(call, fault);
      const admission = fault ? admissionOf(fault) : PASS;
      if (delayMs > 0) await wait(delayMs, signal);
      return admission;
    },
    ended: counters.ended,
    faulted: counters.faulted,
    cancelled: counters.cancelled,
    watchRefusal(service, onChange) {
      const tell = () => onChange(refusesAllOf(service));
      refusalWatchers.add(tell);
      return () => refusalWatchers.delete(tell);
    },
    async setFault({ target, mode, forMs, seed: ownSeed, factor, addMs, share = 1, doneShare = 0 }) {
      const key = formatTarget(target);
      removeFault(key);
      const random = createSeededRandom(ownSeed ?? seed, `share ${key}`);
      const randomOfDone = createSeededRandom(ownSeed ?? seed, `done ${key}`);
      const fault: Fault = {
        target,
        mode,
        endsAtMs: forMs === null ? null : clock.nowMs() + forMs,
        flapper: createFlapper(clock, createSeededRandom(ownSeed ?? seed, `flapping ${key}`)),
        isMet: () => share === 1 || random() < share,
        isDoneFirst: () => randomOfDone() < doneShare,
        slowFactor: factor ?? SLOW_FACTOR,
        slowAddMs: addMs ?? null,
        replaced: new AbortController(),
      };
      faults.set(key, fault);
      if (forMs !== null) void expire(key, fault, forMs);
      await tellWatchers();
    },
    async clearFaults(target) {
      for (const key of target ? [formatTarget(target)] : [...faults.keys()]) removeFault(key);
      await tellWatchers();
    },
    setLatency(target, profile) {
      const key = formatTarget(target);
      latencies.delete(key);
      latencies.set(key, { target, profile, random: createSeededRandom(seed, `latency ${key}`) });
    },
    clearLatency(target) {
      if (target) latencies.delete(formatTarget(target));
      else latencies.clear();
    },
    counters: counters.list,
    waiting: counters.waiting,
    log: counters.log,
    resetCounters: counters.reset,
    describe() {
      return {
        seed,
        faults: activeFaults().map(({ target, mode, endsAtMs }) => ({
          target: formatTarget(target),
          mode,
          remainingMs: endsAtMs === null ? null : endsAtMs - clock.nowMs(),
        })),
        latency: [...latencies.values()].map(({ target, profile }) => ({ target: formatTarget(target), profile })),
      };
    },
  };
}

const PASS: Admission = { kind: 'pass' };

function admissionOf(fault: Fault): Admission {
  if (fault.mode === 'slow') return PASS;
  if (fault.mode === 'flapping') return fault.flapper.isFailing() ? { kind: 'error' } : PASS;
  if (fault.mode === 'error' && fault.isDoneFirst()) return { kind: 'late-error' };
  return { kind: fault.mode };
}
