import type { Result } from '../../src/result.ts';
import type { ApiDocument, ApiFailure, Parsed } from '../api-client.ts';

export interface Timing {
  nowMs(): number;
  sleep(ms: number): Promise<unknown>;
}

/** How long, and how often, to try again. */
export interface Patience {
  timing: Timing;
  deadlineMs: number;
  /** For all documents together: connections that break are few, and a service that is gone is gone for all. */
  networkRetriesLeft: number;
}

const NETWORK_RETRY_MS = 1_000;

/** Repeats a call for as long as the service says when to come back, or the network fails, and the limits allow. */
export async function patiently(
  call: () => Promise<Result<Parsed<ApiDocument>, ApiFailure>>,
  patience: Patience,
): Promise<Result<Parsed<ApiDocument>, ApiFailure>> {
  const { timing, deadlineMs } = patience;
  for (;;) {
    const result = await call();
    if (result.ok) return result;
    const waitMs = waitBeforeRetryMs(result.error, patience);
    if (waitMs === null || timing.nowMs() + waitMs > deadlineMs) return result;
    await timing.sleep(waitMs);
  }
}

function waitBeforeRetryMs(failure: ApiFailure, patience: Patience): number | null {
  // Waiting does not mend a setting: whoever reads this can.
  if (failure.kind === 'problem' && failure.code === 'CONFIG_INVALID') return null;
  if (failure.kind !== 'unreachable') return [429, 503].includes(failure.status) ? failure.retryAfterMs : null;
  if (patience.networkRetriesLeft === 0) return null;
  patience.networkRetriesLeft -= 1;
  return NETWORK_RETRY_MS;
}
