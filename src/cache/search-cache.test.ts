import { expect, it } from 'vitest';
import * as z from 'zod';
import { createManualClock } from '../../local/manual-clock.ts';
import { inSeconds } from '../../test/read-path-builders.ts';
import { createMemoryCacheStore } from '../../test/support/memory-cache-store.ts';
import { EMPTY_STATE } from '../namespaces/namespace-state.ts';
import { createSearchCache } from './search-cache.ts';

const PARTS = {
  namespace: 'docs',
  question: 'How large?',
  topK: 5,
  extra: 0,
  maxPerDocument: null,
  filter: null,
  retrieval: 'hybrid',
  searchedBy: ['m'],
};

function arrange() {
  const clock = createManualClock();
  const store = createMemoryCacheStore(clock);
  const deferred: Promise<unknown>[] = [];
  const cache = createSearchCache({
    store,
    schema: z.string(),
    namespaceStates: { current: async () => ({ kind: 'known', state: EMPTY_STATE, isConfirmed: true }) },
    clock,
    defer: (_, promise) => void deferred.push(promise),
    readTimeoutMs: 150,
    writeTimeoutMs: 1_000,
  });
  async function find() {
    const { lookUp } = await cache.begin(PARTS, { mode: 'default', vectorKey: 'v' }, inSeconds(5, clock));
    return lookUp;
  }
  async function keep(result: string) {
    cache.keep(await find(), result, []);
    await Promise.all(deferred.splice(0));
  }
  return { store, find, keep };
}

it('results of half a megabyte are kept', async () => {
  const { find, keep } = arrange();
  await keep('x'.repeat(499_000));
  expect(await find()).toMatchObject({ use: 'fresh' });
});

it.each([
  ['of more', 'x'.repeat(500_001)],
  ['that come to more as ASCII', 'é'.repeat(90_000)],
])('results %s are not sent to the cache, and the next search finds none', async (_, result) => {
  const { store, find, keep } = arrange();
  await keep(result);
  expect(store.entries.size).toBe(0);
  expect(await find()).toMatchObject({ use: 'none', result: null, outcome: 'read' });
});
