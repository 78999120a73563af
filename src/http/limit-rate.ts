import { createMiddleware } from 'hono/factory';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';

const READS = new Set(['GET', 'HEAD']);

/**
 * Counts a request against its key's limit, reads and questions apart from writes, so that a bulk upload does not
 * silence the questions. The binding counts per location and gives no reset time
 * (https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/): Retry-After is its period.
 */
export const limitRate = createMiddleware<HttpEnv>(async (c, next) => {
  const { readRateLimiter, writeRateLimiter } = c.var.services;
  const isRead = READS.has(c.req.method) || /\/(answer|search)$/.test(c.req.path);
  const limiter = isRead ? readRateLimiter : writeRateLimiter;
  if (!(await limiter.allows(c.var.keyId))) {
    throw new ApiProblem('RATE_LIMITED', `This key has used up its ${isRead ? 'reads' : 'writes'} for this minute.`, {
      retryAfterMs: 60_000,
    });
  }
  await next();
});
