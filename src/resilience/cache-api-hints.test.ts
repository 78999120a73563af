import { expect, test } from 'vitest';
import { createCacheApiHints } from './cache-api-hints.ts';

const open = [{ circuit: 'vectorize', openedAtMs: 1, untilMs: 501 }];

function memoryCache() {
  const entries = new Map<string, Response>();
  return {
    entries,
    cache: {
      match: async (url: string) => entries.get(url)?.clone(),
      put: async (url: string, response: Response) => void entries.set(url, response),
      // The platform's types for requests are those of its own runtime.
    } as unknown as Pick<Cache, 'match' | 'put'>,
  };
}

test('what one isolate leaves another one finds, for seconds, and no other environment does', async () => {
  const { cache, entries } = memoryCache();
  await createCacheApiHints(cache, 'production').write(open, 1);
  expect(await createCacheApiHints(cache, 'production').read()).toEqual(open);
  expect(await createCacheApiHints(cache, 'staging').read()).toEqual([]);
  expect([...entries.values()][0]?.headers.get('cache-control')).toBe('max-age=1');
});

test.each(['{"v":2,"open":[]}', '{"v":1,"open":[{"circuit":1}]}', '[]'])('reads %s as no hints', async (text) => {
  const { cache } = memoryCache();
  const hints = createCacheApiHints({ ...cache, match: async () => new Response(text) as never }, 'production');
  expect(await hints.read()).toEqual([]);
});

test('a cache that keeps nothing is one without hints', async () => {
  const nothing = { match: async () => undefined, put: async () => undefined };
  const hints = createCacheApiHints(nothing, 'production');
  await hints.write(open, 5);
  expect(await hints.read()).toEqual([]);
});
