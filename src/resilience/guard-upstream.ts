import type { Clock } from '../clock.ts';
import { fail, type Result } from '../result.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Rejection } from './breaker.ts';
import type { CallBudget } from './call-budget.ts';
import { type CallUpstream, isUnwanted, noLongerWanted, noTimeLeft, type UpstreamCall } from './call-upstream.ts';
import type { Circuits, EndedCall } from './circuits.ts';
import type { ConnectionSlots } from './connection-slots.ts';
import type { OpenHintExchange } from './open-hint-exchange.ts';
import { retryDelay } from './retry.ts';
import type { UpstreamError } from './upstream-error.ts';

/** An operator's orders as far as calls have to obey them. */
export interface IsolationOrders {
  isIsolated(dependency: string): boolean;
  /** Starts reading the orders again when that is due; a promise only when those known are too old to act on. */
  refresh(): Promise<void> | null;
}

export interface GuardOptions {
  /** One attempt. */
  callOnce: CallUpstream;
  circuits: Circuits;
  slots: ConnectionSlots;
  retryBudget: CallBudget;
  orders: IsolationOrders;
  hints: OpenHintExchange;
  clock: Clock;
  telemetry: Telemetry;
  random(): number;
  wait(ms: number): Promise<void>;
}

// From this share of its own timeout on a call is slow; given less than the other share, its timeout says nothing.
const SLOW_SHARE = 0.75;
const FAIR_SHARE = 0.5;
// A probe whose timer comes late still has its slot: two at once would burden what is just coming back.
const PROBE_GRACE_MS = 1_000;

/** A `CallUpstream` with a breaker, an operator's orders, few connections at a time, and retries where they are safe. */
export function guardUpstream(options: GuardOptions): CallUpstream {
  const { callOnce, circuits, slots, retryBudget, orders, hints, clock, telemetry, random, wait } = options;

  function reject(call: UpstreamCall, rejection: Rejection) {
    const { dependency, operation } = call;
    const error = rejectionError(call, rejection);
    telemetry.count('upstream.calls', { dependency, operation, outcome: rejection.reason });
    return fail(error);
  }

  function skip(call: UpstreamCall) {
    const { dependency, operation } = call;
    telemetry.count('upstream.calls', { dependency, operation, outcome: 'skipped' });
    return fail(noTimeLeft(call));
  }

  function drop(call: UpstreamCall) {
    const { dependency, operation } = call;
    telemetry.count('upstream.calls', { dependency, operation, outcome: 'cancelled' });
    return fail(noLongerWanted(call));
  }

  async function attempt<T>(
    call: UpstreamCall,
    budget: OwnBudget,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<Result<T, UpstreamError>> {
    const circuit = circuitOf(call);
    // Before it queues for a connection: a rejection must not wait.
    const rejection = circuits.rejection(circuit);
    if (rejection !== null) return reject(call, rejection);
    const outcome = await slots.hold(call.deadline, async () => {
      budget.endsAtMs ??= clock.nowMs() + call.timeoutMs;
      const timeoutMs = Math.min(budget.endsAtMs - clock.nowMs(), call.deadline.remainingMs());
      const isCutShort = timeoutMs < call.timeoutMs;
      if (timeoutMs <= 0 || (isCutShort && timeoutMs < (circuits.fastestMs(circuit) ?? 0))) return skip(call);
      const admission = circuits.admit(circuit, timeoutMs + PROBE_GRACE_MS);
      if (admission.kind === 'rejected') return reject(call, admission.rejection);
      const startedAtMs = clock.nowMs();
      const ended = await callOnce({ ...call, timeoutMs }, run);
      const durationMs = clock.nowMs() - startedAtMs;
      const opened = circuits.settle(circuit, admission.ticket, endOf(call, timeoutMs, durationMs, ended));
      if (opened !== null) hints.publish(opened);
      return ended;
    });
    return outcome ?? skip(call);
  }

  return async function callUpstream(call, run) {
    if (isUnwanted(call)) return drop(call);
    const reading = orders.refresh();
    if (reading !== null) await reading;
    hints.refresh();
    circuits.setIsolated(circuitOf(call), orders.isIsolated(call.dependency));
    retryBudget.deposit();
    const budget: OwnBudget = { endsAtMs: null };
    for (let retries = 0; ; retries++) {
      const ended = await attempt(call, budget, run);
      if (ended.ok || call.idempotent !== true) return ended;
      const ownMs = budget.endsAtMs === null ? call.timeoutMs : budget.endsAtMs - clock.nowMs();
      const remainingMs = Math.min(ownMs, call.deadline.remainingMs());
      const delayMs = retryDelay(ended.error, { retries, remainingMs, random });
      if (delayMs === null) return ended;
      const { dependency, operation } = call;
      const isAllowed = retryBudget.tryWithdraw();
      telemetry.count('upstream.retries', { dependency, operation, outcome: isAllowed ? 'made' : 'over-budget' });
      if (!isAllowed) return ended;
      await wait(delayMs);
    }
  };
}

/** A call's own time: it begins with the first connection and covers every attempt. */
interface OwnBudget {
  endsAtMs: number | null;
}

function circuitOf(call: UpstreamCall): string {
  return call.circuit ?? call.dependency;
}

function endOf(
  call: UpstreamCall,
  timeoutMs: number,
  durationMs: number,
  ended: Result<unknown, UpstreamError>,
): EndedCall {
  const isSlow = durationMs >= SLOW_SHARE * call.timeoutMs;
  if (ended.ok) return { kind: 'answered', isSlow, durationMs, error: null };
  const { error } = ended;
  const isUnfair = error.code === 'TIMEOUT' && timeoutMs < FAIR_SHARE * call.timeoutMs;
  if (isUnfair || error.code === 'DEADLINE' || error.code === 'CANCELLED')
    return { kind: 'unknown', isSlow, durationMs, error };
  const kind = error.class === 'transient' || error.class === 'rate-limited' ? 'failed' : 'answered';
  return { kind, isSlow, durationMs, error };
}

/** What a call gets that its breaker turns away. */
export function rejectionError(
  { dependency, operation }: Pick<UpstreamCall, 'dependency' | 'operation'>,
  rejection: Rejection,
): UpstreamError {
  if (rejection.reason === 'open') {
    const { retryAfterMs } = rejection;
    const message = 'it failed too often lately';
    return { dependency, operation, class: 'transient', code: 'BREAKER_OPEN', message, retryAfterMs };
  }
  // Somebody has to act: ingestion keeps such a document for as long as it takes.
  const message = 'an operator has isolated it';
  return { dependency, operation, class: 'configuration', code: 'ISOLATED', message, retryAfterMs: null };
}
