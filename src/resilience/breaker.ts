import { EMPTY_WINDOW, type RollingWindow, recordCall, tally, type WindowSettings } from './rolling-window.ts';

/**
 * One breaker as a value; docs/breaker.md has the table of its transitions. No timers: time only shows when somebody
 * asks, so a request that is cancelled leaves nothing behind that does not expire by itself.
 *
 * `epoch` numbers the states: a call's result counts only in the state that admitted it.
 */
export type BreakerState =
  | { kind: 'closed'; epoch: number; consecutiveFailures: number; window: RollingWindow; lastAnswerAtMs: number }
  | { kind: 'open'; epoch: number; openings: number; untilMs: number }
  | { kind: 'half-open'; epoch: number; openings: number; probe: Probe | null }
  /** By an operator's order, until the order is taken back. */
  | { kind: 'isolated'; epoch: number };

interface Probe {
  startedAtMs: number;
  /** The slot is free again then, whether or not the probe was heard of. */
  untilMs: number;
}

export interface BreakerSettings extends WindowSettings {
  consecutiveFailures: number;
  /** Shares of the window's calls, looked at from `minimumCalls` on. */
  failureRate: number;
  slowRate: number;
  minimumCalls: number;
  firstOpenMs: number;
  /** Each reopening doubles the open time up to this. */
  maxOpenMs: number;
}

export const BREAKER_SETTINGS: BreakerSettings = {
  consecutiveFailures: 5,
  failureRate: 0.5,
  slowRate: 0.8,
  minimumCalls: 10,
  bucketMs: 1_000,
  buckets: 10,
  firstOpenMs: 500,
  maxOpenMs: 5_000,
};

/** `unknown`: nothing was learned of the dependency, as when the caller's own time ran out. */
export interface CallOutcome {
  kind: 'answered' | 'failed' | 'unknown';
  isSlow: boolean;
}

export type Rejection = { reason: 'open'; retryAfterMs: number } | { reason: 'isolated' };
export type Admission =
  | { kind: 'admitted'; state: BreakerState; ticket: number }
  | { kind: 'rejected'; rejection: Rejection };

export const CLOSED: BreakerState = closed(0, Number.NEGATIVE_INFINITY);

/** Why a call now would be turned away; takes no probe slot. */
export function rejectionOf(state: BreakerState, nowMs: number): Rejection | null {
  switch (state.kind) {
    case 'closed':
      return null;
    case 'open':
      return nowMs >= state.untilMs ? null : { reason: 'open', retryAfterMs: state.untilMs - nowMs };
    case 'half-open':
      if (state.probe === null || nowMs >= state.probe.untilMs) return null;
      return { reason: 'open', retryAfterMs: state.probe.untilMs - nowMs };
    case 'isolated':
      return { reason: 'isolated' };
  }
}

/** Lets a call pass, as the probe when the breaker is not closed; the probe's slot is its own for `probeMs`. */
export function admit(state: BreakerState, nowMs: number, probeMs: number): Admission {
  const rejection = rejectionOf(state, nowMs);
  if (rejection !== null) return { kind: 'rejected', rejection };
  if (state.kind !== 'open' && state.kind !== 'half-open') return { kind: 'admitted', state, ticket: state.epoch };
  const epoch = state.epoch + 1;
  const probe = { startedAtMs: nowMs, untilMs: nowMs + probeMs };
  return { kind: 'admitted', state: { kind: 'half-open', epoch, openings: state.openings, probe }, ticket: epoch };
}

/** What an admitted call's end makes of the state. A ticket of another state changes nothing. */
export function settle(
  state: BreakerState,
  ticket: number,
  outcome: CallOutcome,
  nowMs: number,
  settings: BreakerSettings,
): BreakerState {
  if (ticket !== state.epoch) return state;
  if (state.kind === 'closed') return settleClosed(state, outcome, nowMs, settings);
  if (state.kind === 'half-open') return settleProbe(state, outcome, nowMs, settings);
  return state;
}

/** Obeys an operator. After a release one probe decides: the order says that it may be tried, not that it works. */
export function setIsolated(state: BreakerState, isolated: boolean): BreakerState {
  if (isolated === (state.kind === 'isolated')) return state;
  const epoch = state.epoch + 1;
  return isolated ? { kind: 'isolated', epoch } : { kind: 'half-open', epoch, openings: 0, probe: null };
}

/** Opens on a neighbour's word, unless an answer of our own is newer than the neighbour's failures. */
export function adoptHint(
  state: BreakerState,
  hint: { openedAtMs: number; untilMs: number },
  nowMs: number,
  { maxOpenMs }: BreakerSettings,
): BreakerState {
  if (state.kind !== 'closed' || nowMs >= hint.untilMs || state.lastAnswerAtMs >= hint.openedAtMs) return state;
  return open(state.epoch + 1, 1, Math.min(hint.untilMs, nowMs + maxOpenMs));
}

function settleClosed(
  state: Extract<BreakerState, { kind: 'closed' }>,
  { kind, isSlow }: CallOutcome,
  nowMs: number,
  settings: BreakerSettings,
): BreakerState {
  if (kind === 'unknown') return state;
  const failed = kind === 'failed';
  const window = recordCall(state.window, { failed, slow: isSlow }, nowMs, settings);
  const consecutiveFailures = failed ? state.consecutiveFailures + 1 : 0;
  if (consecutiveFailures >= settings.consecutiveFailures || isTooBad(window, nowMs, settings)) {
    return open(state.epoch + 1, 1, nowMs + settings.firstOpenMs);
  }
  return { ...state, window, consecutiveFailures, lastAnswerAtMs: failed ? state.lastAnswerAtMs : nowMs };
}

function isTooBad(window: RollingWindow, nowMs: number, settings: BreakerSettings): boolean {
  const { calls, failures, slow } = tally(window, nowMs, settings);
  if (calls < settings.minimumCalls) return false;
  return failures >= settings.failureRate * calls || slow >= settings.slowRate * calls;
}

function settleProbe(
  state: Extract<BreakerState, { kind: 'half-open' }>,
  { kind }: CallOutcome,
  nowMs: number,
  { firstOpenMs, maxOpenMs }: BreakerSettings,
): BreakerState {
  const epoch = state.epoch + 1;
  if (kind === 'answered') return closed(epoch, nowMs);
  if (kind === 'unknown') return { ...state, epoch, probe: null };
  const openings = state.openings + 1;
  const backOffMs = Math.min(maxOpenMs, firstOpenMs * 2 ** (openings - 1));
  // The time a probe hung is part of the wait, or a dependency with a long timeout would be found well again too late.
  const sinceProbeMs = (state.probe?.startedAtMs ?? nowMs) + backOffMs;
  return open(epoch, openings, Math.max(sinceProbeMs, nowMs + firstOpenMs));
}

function open(epoch: number, openings: number, untilMs: number): BreakerState {
  return { kind: 'open', epoch, openings, untilMs };
}

function closed(epoch: number, lastAnswerAtMs: number): BreakerState {
  return { kind: 'closed', epoch, consecutiveFailures: 0, window: EMPTY_WINDOW, lastAnswerAtMs };
}
