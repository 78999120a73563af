import { type Result, succeed } from '../result.ts';
import type { SearchResult } from './answer.ts';
import type { Ask } from './ask.ts';
import { describeMaking, numberPassages, reportDegradation } from './assemble.ts';
import { findPassages } from './find-passages.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';

/** The read path of `…/search`: the passages an answer would be made of. */
export async function searchPassages(
  services: QueryServices,
  ask: Ask,
  requestId: string,
): Promise<Result<SearchResult, QueryFailure>> {
  const found = await findPassages(services, ask, requestId);
  if (!found.ok) return found;
  const { startedAtMs, retrieved } = found.value;

  const making = describeMaking(services, ask, retrieved, null, startedAtMs);
  reportDegradation(services, ask, requestId, making.degraded);
  return succeed({
    id: services.newId(),
    rewrittenQuestion: null,
    passages: numberPassages(retrieved.chunks),
    ...making,
  });
}
