import { setTimeout } from 'node:timers/promises';

/** Resolves after the time has passed, or at once when the signal aborts. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;

export const waitOnTimer: Wait = async (ms, signal) => {
  try {
    // A pending latency or fault expiry must not keep a closed local cloud's process alive.
    await setTimeout(ms, undefined, { ref: false, ...(signal && { signal }) });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
};
