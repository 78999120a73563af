import type { Deadline } from '../resilience/deadline.ts';
import type { Result } from '../result.ts';
import type { WriteServices } from './ingest-services.ts';

// Each round lost means that another request for the same document was accepted in between.
const MAX_ROUNDS = 20;
const LONGEST_PAUSE_MS = 100;

/** Tries again, as long as there is time, while others are faster. */
export async function untilDecided<T, E>(
  services: Pick<WriteServices, 'wait' | 'random'>,
  deadline: Deadline,
  decide: () => Promise<Result<T | 'outrun', E>>,
): Promise<Result<T | 'outrun', E>> {
  let decided = await decide();
  for (let round = 1; round < MAX_ROUNDS && deadline.remainingMs() > 0; round += 1) {
    if (!decided.ok || decided.value !== 'outrun') return decided;
    // Spread out, the requests that were outrun do not all meet again.
    await services.wait(services.random() * LONGEST_PAUSE_MS);
    decided = await decide();
  }
  return decided;
}
