import { fail } from '../result.ts';
import { type CallUpstream, noTimeLeft } from './call-upstream.ts';
import type { Deadline } from './deadline.ts';

/** How many calls of one request may wait for an answer at the same time; the others queue, first come first served. */
export interface ConnectionSlots {
  /** Runs with a slot held; `null` when the deadline came before a slot was free. */
  hold<T>(deadline: Deadline, run: () => Promise<T>): Promise<T | null>;
}

/**
 * The platform lets six connections of a request wait for headers and queues the rest without telling
 * (https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections): staying below it keeps
 * each call's timeout the call's own, and leaves one for the location's cache.
 */
export const MAX_WAITING_CALLS = 5;

export function createConnectionSlots(slots: number): ConnectionSlots {
  const queue: (() => void)[] = [];
  let taken = 0;

  function waitForSlot(deadline: Deadline): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const admit = () => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = setTimeout(() => {
      queue.splice(queue.indexOf(admit), 1);
      resolve(false);
    }, deadline.remainingMs());
    queue.push(admit);
    return promise;
  }

  // A slot that is given on is never free in between, so that nobody overtakes the queue.
  function release(): void {
    const next = queue.shift();
    if (next === undefined) taken -= 1;
    else next();
  }

  return {
    async hold(deadline, run) {
      if (taken < slots) taken += 1;
      else if (!(await waitForSlot(deadline))) return null;
      try {
        return await run();
      } finally {
        release();
      }
    },
  };
}

/** The same calls, each with a slot held. */
export function limitConnections(callUpstream: CallUpstream, slots: ConnectionSlots): CallUpstream {
  return async (call, run) =>
    (await slots.hold(call.deadline, () => callUpstream(call, run))) ?? fail(noTimeLeft(call));
}
