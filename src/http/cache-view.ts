import * as z from 'zod';
import { type CacheTallies, hitRatio, type Layer, tallyOf } from '../cache/cache-tallies.ts';

const count = z.number().int().nonnegative();

const layer = z.object({
  hit: count,
  stale: count.meta({ description: 'Answered from the cache while, or because, no newer one was there yet' }),
  miss: count,
  bypass: count.meta({ description: 'Not asked: another layer had the answer, or the request said so' }),
  unavailable: count.meta({ description: 'The cache could not be asked in time' }),
  hitRatio: z.number().nullable().meta({ description: '(hit + stale) / everything but bypass; null without any' }),
});

export const cacheStatusSchema = z
  .object({
    namespace: z.string(),
    scope: z.literal('isolate').meta({ description: 'Counted by one isolate of many, since it started.' }),
    layers: z.object({ response: layer, embedding: layer, search: layer }),
    similarityThreshold: z.number().nullable().meta({
      description: 'Least cosine of similar questions; null: off, because the embedding model is not calibrated',
    }),
    relevanceFloor: z.number().nullable().meta({
      description:
        'From which relevance of the passages on a question is answered; null: all are, because the embedding model is not calibrated',
    }),
  })
  .meta({ id: 'CacheStatus' });

export const purgedSchema = z
  .object({ namespace: z.string(), purge: count.meta({ description: 'How often the namespace was ever purged' }) })
  .meta({ id: 'Purged' });

export function viewCache(
  tallies: CacheTallies,
  namespace: string,
  { similarityThreshold, relevanceFloor }: { similarityThreshold: number | null; relevanceFloor: number | null },
): z.infer<typeof cacheStatusSchema> {
  const viewOf = (name: Layer) => {
    const tally = tallyOf(tallies, namespace, name);
    return { ...tally, hitRatio: hitRatio(tally) };
  };
  const layers = { response: viewOf('response'), embedding: viewOf('embedding'), search: viewOf('search') };
  return { namespace, scope: 'isolate', layers, similarityThreshold, relevanceFloor };
}
