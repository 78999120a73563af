import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { startTestRedis, TEST_TOKEN, type TestRedis } from '../../local/redis/start-test-redis.ts';
import { callUpstreamWith, inSeconds } from '../../test/read-path-builders.ts';
import type { SimilarGroup } from './keys.ts';
import { createRedisCacheStore } from './redis-cache-store.ts';
import { redisClientFor } from './redis-client.ts';
import { createRedisFieldStore } from './redis-field-store.ts';
import { createRandomProjection } from './similar-questions/random-projection.ts';
import { createSimilarResults } from './similar-results.ts';

const DIMENSIONS = 384;
const HASH_LIFE_MS = 75 * 60_000;
const GROUP: SimilarGroup = {
  namespace: 'docs',
  topK: 5,
  extra: 0,
  maxPerDocument: null,
  filter: null,
  retrieval: 'hybrid',
  searchedBy: ['m'],
};

let server: TestRedis;
beforeEach(async () => {
  server = await startTestRedis();
});
afterEach(() => server.stop());

function arrange() {
  const { url, clock, service } = server;
  const callUpstream = callUpstreamWith(clock);
  const options = { url, token: TEST_TOKEN, callUpstream, readTimeoutMs: 5_000, writeTimeoutMs: 5_000 };
  const deferred: Promise<unknown>[] = [];
  const anIsolate = () =>
    createSimilarResults({
      fields: createRedisFieldStore(options),
      store: createRedisCacheStore(options),
      projection: createRandomProjection(DIMENSIONS),
      clock,
      defer: (_, promise) => void deferred.push(promise),
      readTimeoutMs: 5_000,
      writeTimeoutMs: 5_000,
    });
  const random = createSeededRandom(3, 'similar-results');
  let results = anIsolate();
  async function lookUp() {
    const vector = Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);
    const found = await results.find(GROUP, vector, 0.9, inSeconds(10, clock));
    if (found === null) throw new Error('nothing answers');
    return found.lookUp;
  }
  async function note(lookedUp: Awaited<ReturnType<typeof lookUp>>) {
    results.note(lookedUp, `key-${random()}`);
    await Promise.all(deferred.splice(0));
  }
  const admin = redisClientFor({ url, token: TEST_TOKEN }, new AbortController().signal);
  return {
    clock,
    admin,
    lookUp,
    note,
    ask: async () => note(await lookUp()),
    moveToAnotherIsolate: () => {
      results = anIsolate();
    },
    expiries: () => service.commandCounts().expire ?? 0,
    async expectEnd() {
      expect(await admin.dbsize()).toBe(1);
      clock.advance(HASH_LIFE_MS);
      expect(await admin.dbsize()).toBe(0);
    },
  };
}

describe('what similar questions are found by', () => {
  it('lets the time of an hour’s hash begin once, whichever isolate writes', async () => {
    const { ask, moveToAnotherIsolate, expiries, expectEnd } = arrange();
    for (let n = 0; n < 3; n++) await ask();
    moveToAnotherIsolate();
    await ask();
    expect(expiries()).toBe(1);
    await expectEnd();
  });

  it('expires also where the hash was evicted since this isolate last wrote into it', async () => {
    const { ask, admin, expectEnd } = arrange();
    await ask();
    await admin.flushdb();
    await ask();
    await expectEnd();
  });

  it('expires also where the hash was evicted while its question was answered, from the next question on', async () => {
    const { ask, lookUp, note, admin, expectEnd } = arrange();
    await ask();
    const lookedUp = await lookUp();
    await admin.flushdb();
    await note(lookedUp);
    await ask();
    await expectEnd();
  });
});
