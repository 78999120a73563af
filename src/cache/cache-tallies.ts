/** How look-ups in one layer of the caches ended. */
export type LookUp = 'hit' | 'stale' | 'miss' | 'bypass' | 'unavailable';
export type Layer = 'response' | 'embedding' | 'search';
export type LayerTally = Record<LookUp, number>;

/** By namespace; plain data that lives as long as an isolate. */
export type CacheTallies = Map<string, Record<Layer, LayerTally>>;

const MAX_NAMESPACES = 1_000;

export function noteLookUp(tallies: CacheTallies, namespace: string, layer: Layer, outcome: LookUp): void {
  const known = tallies.get(namespace) ?? { response: emptyTally(), embedding: emptyTally(), search: emptyTally() };
  known[layer][outcome] += 1;
  tallies.delete(namespace);
  tallies.set(namespace, known);
  if (tallies.size > MAX_NAMESPACES) tallies.delete(tallies.keys().next().value ?? namespace);
}

export function tallyOf(tallies: CacheTallies, namespace: string, layer: Layer): LayerTally {
  return tallies.get(namespace)?.[layer] ?? emptyTally();
}

/** Of the look-ups that were made, how many were answered from the cache; `null` without any. */
export function hitRatio({ hit, stale, miss, unavailable }: LayerTally): number | null {
  const asked = hit + stale + miss + unavailable;
  return asked === 0 ? null : (hit + stale) / asked;
}

function emptyTally(): LayerTally {
  return { hit: 0, stale: 0, miss: 0, bypass: 0, unavailable: 0 };
}
