import * as z from 'zod';
import type { OpenHints } from './open-hint-exchange.ts';

const VERSION = 1;

const entry = z.object({
  v: z.literal(VERSION),
  open: z.array(z.object({ circuit: z.string(), openedAtMs: z.number(), untilMs: z.number() })).max(100),
});

/**
 * Hints in the cache of this location (https://developers.cloudflare.com/workers/runtime-apis/cache/), which only works
 * on a custom domain: where it keeps nothing, nothing is heard.
 */
export function createCacheApiHints(cache: Pick<Cache, 'match' | 'put'>, environment: string): OpenHints {
  const url = `https://vigil.invalid/open-circuits/v${VERSION}/${environment}`;
  return {
    async read() {
      const found = await cache.match(url);
      if (found === undefined) return [];
      const parsed = entry.safeParse(await found.json());
      return parsed.success ? parsed.data.open : [];
    },
    async write(open, ttlSeconds) {
      const body = JSON.stringify({ v: VERSION, open } satisfies z.infer<typeof entry>);
      const headers = { 'content-type': 'application/json', 'cache-control': `max-age=${ttlSeconds}` };
      await cache.put(url, new Response(body, { headers }));
    },
  };
}
