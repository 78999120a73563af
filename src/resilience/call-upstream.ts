import type { Clock } from '../clock.ts';
import { fail, type Result, succeed } from '../result.ts';
import { type TraceSpan, untraced } from '../telemetry/span.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Deadline } from './deadline.ts';
import type { ClassifyError, UpstreamError } from './upstream-error.ts';

export interface UpstreamCall {
  /** Name in `servedBy`, `degraded` and counters, e.g. `vectorize`, `upstash`, `workers-ai`, `redis`. */
  dependency: string;
  /** What fails together, where that is not the whole dependency: each has a breaker of its own. */
  circuit?: string;
  operation: string;
  deadline: Deadline;
  /** This call's own budget, retries included; the request's deadline wins when it is nearer. */
  timeoutMs: number;
  /** Doing it twice does no more than doing it once: it may be tried again. */
  idempotent?: boolean;
  /** Aborted, like the deadline's own, when nobody wants the answer: the call ends with `CANCELLED`, no fault of anybody's. */
  signal?: AbortSignal | undefined;
  classify: ClassifyError;
}

/** The only way to a remote dependency: bounded in time, its failure classified, counted. Never throws for a vendor. */
export type CallUpstream = <T>(
  call: UpstreamCall,
  run: (signal: AbortSignal) => Promise<T>,
) => Promise<Result<T, UpstreamError>>;

export interface CallUpstreamOptions {
  clock: Clock;
  telemetry: Telemetry;
  traceSpan?: TraceSpan;
}

/** One attempt without a breaker; `guardUpstream` is what the services put around it. */
export function createCallUpstream({ clock, telemetry, traceSpan = untraced }: CallUpstreamOptions): CallUpstream {
  return async function callUpstream<T>(call: UpstreamCall, run: (signal: AbortSignal) => Promise<T>) {
    const { dependency, operation } = call;
    if (isUnwanted(call)) {
      telemetry.count('upstream.calls', { dependency, operation, outcome: 'cancelled' });
      return fail(noLongerWanted(call));
    }
    const timeoutMs = Math.min(call.timeoutMs, call.deadline.remainingMs());
    if (timeoutMs <= 0) {
      telemetry.count('upstream.calls', { dependency, operation, outcome: 'skipped' });
      return fail(noTimeLeft(call));
    }
    return traceSpan(`${dependency} ${operation}`, { dependency, operation }, async (annotate) => {
      const startedAtMs = clock.nowMs();
      const outcome = await raceTimeout(run, timeoutMs, signalsOf(call));
      const durationMs = clock.nowMs() - startedAtMs;
      telemetry.observe('upstream.durationMs', durationMs, { dependency, operation });
      if (outcome.kind === 'value') {
        telemetry.count('upstream.calls', { dependency, operation, outcome: 'ok' });
        return succeed(outcome.value);
      }
      if (outcome.kind === 'cancelled') {
        telemetry.count('upstream.calls', { dependency, operation, outcome: 'cancelled' });
        return fail(noLongerWanted(call));
      }
      const error =
        outcome.kind === 'timeout'
          ? callerError(call, 'TIMEOUT', `no answer within ${Math.round(timeoutMs)} ms`)
          : classified(call, outcome.error);
      annotate({ 'error.class': error.class, 'error.code': error.code });
      telemetry.count('upstream.calls', { dependency, operation, outcome: error.class });
      telemetry.emit({ event: 'upstream.failed', ...error, durationMs });
      return fail(error);
    });
  };
}

/** For a call that was not made because it could not have ended in time. */
export function noTimeLeft(call: UpstreamCall): UpstreamError {
  return callerError(call, 'DEADLINE', 'no time was left for this call');
}

/** For a call whose answer nobody waits for any more. */
export function noLongerWanted(call: UpstreamCall): UpstreamError {
  return callerError(call, 'CANCELLED', 'the answer was no longer wanted');
}

/** By whoever made it, or by whoever the whole request was for. */
export function isUnwanted(call: UpstreamCall): boolean {
  return signalsOf(call).some(({ aborted }) => aborted);
}

function signalsOf({ signal, deadline }: UpstreamCall): AbortSignal[] {
  return [signal, deadline.signal].filter((each) => each !== undefined);
}

type RaceOutcome<T> =
  | { kind: 'value'; value: T }
  | { kind: 'error'; error: unknown }
  | { kind: 'timeout' }
  | { kind: 'cancelled' };

// Vectorize, D1 and KV calls take no signal, so the timer has to win by itself; a call that does take one is cancelled.
async function raceTimeout<T>(
  run: (signal: AbortSignal) => Promise<T>,
  timeoutMs: number,
  callers: readonly AbortSignal[],
): Promise<RaceOutcome<T>> {
  const abort = new AbortController();
  const { promise: givenUp, resolve } = Promise.withResolvers<RaceOutcome<T>>();
  const timer = setTimeout(() => resolve({ kind: 'timeout' }), timeoutMs);
  const cancel = () => resolve({ kind: 'cancelled' });
  for (const caller of callers) caller.addEventListener('abort', cancel);
  const outcome = await Promise.race([settle(run, abort.signal), givenUp]);
  clearTimeout(timer);
  for (const caller of callers) caller.removeEventListener('abort', cancel);
  if (outcome.kind === 'timeout') abort.abort(new DOMException('timed out', 'TimeoutError'));
  if (outcome.kind === 'cancelled') abort.abort(new DOMException('no longer wanted', 'AbortError'));
  return outcome;
}

async function settle<T>(run: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<RaceOutcome<T>> {
  try {
    return { kind: 'value', value: await run(signal) };
  } catch (error) {
    return { kind: 'error', error };
  }
}

function callerError(call: UpstreamCall, code: 'TIMEOUT' | 'DEADLINE' | 'CANCELLED', message: string): UpstreamError {
  const { dependency, operation } = call;
  return { dependency, operation, class: 'transient', code, message, retryAfterMs: null };
}

function classified(call: UpstreamCall, thrown: unknown): UpstreamError {
  const { retryAfterMs = null, ...reading } = call.classify(thrown);
  return { ...reading, retryAfterMs, dependency: call.dependency, operation: call.operation };
}
