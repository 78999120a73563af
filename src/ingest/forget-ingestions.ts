import { deadlineIn } from '../resilience/deadline.ts';
import type { IngestServices } from './ingest-services.ts';

/** How long it can be asked what became of the documents of one request. */
export const INGESTION_KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

const TIMEOUT_MS = 20_000;
// What one run of the sweep leaves, the next takes.
const MAX_SLICES = 10;

/** Removes what nobody may ask about any more, a slice at a time. */
export async function forgetIngestions({ catalog, clock }: Pick<IngestServices, 'catalog' | 'clock'>): Promise<number> {
  const deadline = deadlineIn(clock, TIMEOUT_MS);
  let count = 0;
  for (let slice = 0; slice < MAX_SLICES; slice += 1) {
    const forgotten = await catalog.ingestions.forgetBefore(clock.nowMs() - INGESTION_KEPT_MS, deadline);
    if (!forgotten.ok || forgotten.value === 0) break;
    count += forgotten.value;
  }
  return count;
}
