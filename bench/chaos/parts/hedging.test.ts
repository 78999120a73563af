import { expect, it } from 'vitest';
import { extraQueries } from './hedging.ts';

const counters = { embeddedTexts: { cached: 0, computed: 0 }, redisCommands: {}, waiting: {} };
const counted = { instance: 'primary', faulted: 0, faultedWhenDone: 0, cancelled: 0, waitingMost: 1 };

it('vector queries beyond one for each answer are counted over every store, and nothing else is', () => {
  const calls = [
    { ...counted, service: 'vectorize' as const, operation: 'query', received: 8 },
    { ...counted, service: 'vectorize' as const, operation: 'upsert', received: 50 },
    { ...counted, service: 'vector' as const, operation: 'query', received: 3 },
    { ...counted, service: 'redis' as const, operation: 'pipeline', received: 50 },
  ];
  const records = Array.from({ length: 10 }, (_, index) => ({
    ...{ index, scheduledMs: 0, latencyMs: 1 },
    result: {
      question: '',
      isNew: false,
      reply: {
        kind: 'answered' as const,
        text: '',
        ...{ topChunkId: null, servedBy: { retrieval: 'vectorize', generation: null } },
        ...{ degraded: [], cache: { response: 'bypass', search: 'bypass', embedding: 'bypass' }, retrievalMs: 1 },
      },
    },
  }));
  expect(extraQueries({ ...counters, calls }, records)).toBeCloseTo(0.1);
  expect(extraQueries({ ...counters, calls }, [])).toBe(0);
});
