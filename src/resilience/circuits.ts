import type { Clock } from '../clock.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import {
  type Admission,
  admit,
  adoptHint,
  BREAKER_SETTINGS,
  type BreakerState,
  type CallOutcome,
  CLOSED,
  type Rejection,
  rejectionOf,
  setIsolated,
  settle,
} from './breaker.ts';
import { createLatencySamples, type Latency, type LatencySamples } from './latency-samples.ts';
import type { UpstreamError, UpstreamErrorClass } from './upstream-error.ts';

/** An open breaker, as neighbouring isolates are told of it. */
export interface OpenCircuit {
  circuit: string;
  openedAtMs: number;
  untilMs: number;
}

/** What this isolate knows of one circuit. */
export interface CircuitView {
  name: string;
  state: BreakerState['kind'];
  /** How long calls are still rejected; `null` when they are not, or until further orders. */
  retryAfterMs: number | null;
  lastError: { class: UpstreamErrorClass; code: string; atMs: number } | null;
  latency: Latency | null;
}

/** The breakers of an isolate by the name of their circuit: what fails together, most often a whole dependency. */
export interface Circuits {
  rejection(circuit: string): Rejection | null;
  admit(
    circuit: string,
    probeMs: number,
  ): Exclude<Admission, { state: unknown }> | { kind: 'admitted'; ticket: number };
  /** Reports how an admitted call ended; the opening, when that opened the breaker. */
  settle(circuit: string, ticket: number, ended: EndedCall): OpenCircuit | null;
  setIsolated(circuit: string, isolated: boolean): void;
  adopt(hint: OpenCircuit): void;
  /** As the next call will find it: an open breaker whose time is over will let it probe. */
  state(circuit: string): BreakerState['kind'];
  /** Nothing was answered faster lately: a call with less time than this cannot succeed. */
  fastestMs(circuit: string): number | null;
  view(circuit: string): CircuitView;
}

export interface EndedCall extends CallOutcome {
  error: UpstreamError | null;
  durationMs: number;
}

interface Entry {
  state: BreakerState;
  latency: LatencySamples;
  lastError: CircuitView['lastError'];
}

export function createCircuits({ clock, telemetry }: { clock: Clock; telemetry: Telemetry }): Circuits {
  const entries = new Map<string, Entry>();

  function entryOf(circuit: string): Entry {
    const known = entries.get(circuit);
    if (known !== undefined) return known;
    const entry: Entry = { state: CLOSED, latency: createLatencySamples(), lastError: null };
    entries.set(circuit, entry);
    return entry;
  }

  function enter(circuit: string, entry: Entry, state: BreakerState): void {
    const from = entry.state.kind;
    entry.state = state;
    if (state.kind === from) return;
    telemetry.count('breaker.changes', { circuit, to: state.kind });
    telemetry.emit({ event: 'breaker.changed', circuit, from, to: state.kind, code: entry.lastError?.code ?? null });
  }

  function stateOf({ state }: Entry): BreakerState['kind'] {
    return state.kind === 'open' && rejectionOf(state, clock.nowMs()) === null ? 'half-open' : state.kind;
  }

  return {
    rejection: (circuit) => rejectionOf(entryOf(circuit).state, clock.nowMs()),
    state: (circuit) => stateOf(entryOf(circuit)),

    admit(circuit, probeMs) {
      const entry = entryOf(circuit);
      const admission = admit(entry.state, clock.nowMs(), probeMs);
      if (admission.kind === 'rejected') return admission;
      enter(circuit, entry, admission.state);
      return { kind: 'admitted', ticket: admission.ticket };
    },

    settle(circuit, ticket, { error, durationMs, ...outcome }) {
      const entry = entryOf(circuit);
      const nowMs = clock.nowMs();
      if (outcome.kind === 'answered') entry.latency.add(durationMs, nowMs);
      if (error !== null) entry.lastError = { class: error.class, code: error.code, atMs: nowMs };
      const before = entry.state;
      enter(circuit, entry, settle(before, ticket, outcome, nowMs, BREAKER_SETTINGS));
      const { state } = entry;
      if (state === before || state.kind !== 'open') return null;
      return { circuit, openedAtMs: nowMs, untilMs: state.untilMs };
    },

    setIsolated(circuit, isolated) {
      const entry = entryOf(circuit);
      enter(circuit, entry, setIsolated(entry.state, isolated));
    },

    adopt(hint) {
      const entry = entryOf(hint.circuit);
      enter(hint.circuit, entry, adoptHint(entry.state, hint, clock.nowMs(), BREAKER_SETTINGS));
    },

    fastestMs: (circuit) => entryOf(circuit).latency.fastestMs(clock.nowMs()),

    view(circuit) {
      const entry = entryOf(circuit);
      const { latency, lastError } = entry;
      const nowMs = clock.nowMs();
      const rejection = rejectionOf(entry.state, nowMs);
      return {
        name: circuit,
        state: stateOf(entry),
        retryAfterMs: rejection?.reason === 'open' ? rejection.retryAfterMs : null,
        lastError,
        latency: latency.summary(nowMs),
      };
    },
  };
}
