import type { CallUpstream } from '../resilience/call-upstream.ts';
import { classifyCommon, messageOf } from '../resilience/classify-common.ts';
import type { AnswerStore } from './answer-store.ts';

export const EDGE_CACHE = 'edge-cache';

export interface EdgeAnswerStoreOptions {
  /** Keeps nothing on `workers.dev`: https://developers.cloudflare.com/workers/runtime-apis/cache/ */
  cache: Pick<Cache, 'match' | 'put'>;
  environment: string;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

/** The cache of this location. */
export function createEdgeAnswerStore({
  cache,
  environment,
  callUpstream,
  timeoutMs,
}: EdgeAnswerStoreOptions): AnswerStore {
  const common = { dependency: EDGE_CACHE, timeoutMs, classify: classifyEdgeError };
  const urlOf = (key: string) => `https://vigil.invalid/answers/${environment}/${encodeURIComponent(key)}`;
  return {
    name: EDGE_CACHE,
    get(key, deadline) {
      return callUpstream({ ...common, operation: 'match', deadline }, async () => {
        const found = await cache.match(urlOf(key));
        return found === undefined ? null : found.text();
      });
    },
    put(key, value, ttlSeconds, deadline) {
      // The copy's own lifetime: the response that goes out has another one.
      const headers = { 'content-type': 'application/json', 'cache-control': `public, max-age=${ttlSeconds}` };
      return callUpstream({ ...common, operation: 'put', deadline }, () =>
        cache.put(urlOf(key), new Response(value, { headers })),
      );
    },
  };
}

function classifyEdgeError(error: unknown) {
  return classifyCommon(error) ?? { class: 'transient' as const, code: 'EDGE_CACHE_ERROR', message: messageOf(error) };
}
