import { matchKept, prepare } from './kept-bytes.ts';

/** The least an answer out of the cache can take behind a rate limit. */
export default {
  async fetch(request, env) {
    if (request.method !== 'POST') return prepare(request);
    const { success } = await env.READ_RATE_LIMITER.limit({ key: 'floor' });
    return success ? matchKept() : new Response(null, { status: 429 });
  },
} satisfies ExportedHandler<{ READ_RATE_LIMITER: RateLimit }>;
