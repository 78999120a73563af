import { setTimeout as sleep } from 'node:timers/promises';
import type { CallLog } from '../../local/control/control-schema.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import { askAndLeave, type LeavingClient, type Left } from './leave-answer.ts';

/** A client that leaves so long after it has asked. */
export interface Leaver extends LeavingClient {
  afterMs: number;
}

export interface Wave {
  left: (Leaver & Left)[];
  /** Begun when all had left, and the Worker had had time to hear of it. */
  begunLate: LateCall[];
  /** Not ended a second after all had left. */
  goingOn: LateCall[];
  /** From the leaving to the end of the last call that was under way then. */
  stoppedAfterMs: number;
}

interface LateCall {
  call: string;
  beganAfterMs: number;
}

/** A message of a client's to the local cloud, and from there to the Worker. */
export const HEARD_WITHIN_MS = 100;
export const STOPPED_WITHIN_MS = 1_000;
const LOOKS_AFTER_MS = STOPPED_WITHIN_MS + 200;

/**
 * Clients that ask one after the other and all leave at one moment: whatever is asked of an upstream after that, is asked
 * for nobody.
 */
export async function leaveTogether(stack: BenchStack, leavers: readonly Leaver[], signal: AbortSignal): Promise<Wave> {
  const { control } = stack;
  await control.resetCounters();
  const leaving = new AbortController();
  const longestMs = Math.max(...leavers.map(({ afterMs }) => afterMs));
  const asking = leavers.map(async (leaver) => {
    await sleep(longestMs - leaver.afterMs, undefined, { signal });
    return { ...leaver, ...(await askAndLeave(stack, leaver, leaving.signal)) };
  });
  await sleep(longestMs, undefined, { signal });
  const departing = control.tellDepartures(leavers.map(({ id }) => id));
  leaving.abort();
  const { atMs } = await departing;
  const left = await Promise.all(asking);
  await sleep(LOOKS_AFTER_MS, undefined, { signal });
  return { left, ...judgeCalls(await control.calls(), atMs) };
}

/** What was asked of upstreams, by when their clients had left. */
export function judgeCalls(calls: CallLog, leftAtMs: number): Omit<Wave, 'left'> {
  const late = (some: CallLog) =>
    some.map(({ service, instance, operation, beganAtMs }) => ({
      call: `${service}:${instance}/${operation}`,
      beganAfterMs: Math.round(beganAtMs - leftAtMs),
    }));
  const endOf = ({ endedAtMs }: CallLog[number]) => endedAtMs ?? Number.POSITIVE_INFINITY;
  const before = calls.filter(({ beganAtMs }) => beganAtMs <= leftAtMs + HEARD_WITHIN_MS);
  return {
    begunLate: late(calls.filter(({ beganAtMs }) => beganAtMs > leftAtMs + HEARD_WITHIN_MS)),
    goingOn: late(calls.filter((call) => endOf(call) > leftAtMs + STOPPED_WITHIN_MS)),
    stoppedAfterMs: Math.max(0, ...before.map((call) => endOf(call) - leftAtMs)),
  };
}
