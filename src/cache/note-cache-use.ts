import type { Telemetry } from '../telemetry/telemetry.ts';
import { type CacheTallies, type Layer, type LookUp, noteLookUp } from './cache-tallies.ts';

/** How the layers of the caches served one question, as its response says. */
export interface ServedByCache {
  response: LookUp;
  embedding: LookUp;
  search: Exclude<LookUp, 'hit' | 'stale'> | 'exact' | 'similar';
}

/** Counts them, for the isolate and for the namespace. */
export function noteCacheUse(
  { tallies, telemetry }: { tallies: CacheTallies; telemetry: Telemetry },
  namespace: string,
  { response, embedding, search }: ServedByCache,
): void {
  const outcomes: Record<Layer, LookUp> = {
    response,
    embedding,
    search: search === 'exact' || search === 'similar' ? 'hit' : search,
  };
  for (const layer of ['response', 'embedding', 'search'] as const) {
    noteLookUp(tallies, namespace, layer, outcomes[layer]);
    telemetry.count('cache.lookUps', { layer, outcome: outcomes[layer] });
  }
}
