import { createMiddleware } from 'hono/factory';
import type { CreateApiServices } from '../services.ts';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';

/** Builds this request's services, or says which configuration keys prevent it. */
export function requireServices(createServices: CreateApiServices) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const created = createServices(c.env, (promise) => c.executionCtx.waitUntil(promise));
    if (!created.ok) {
      const keys = created.error.map(({ key, problem }) => `${key} ${problem}`).join('; ');
      throw new ApiProblem('CONFIG_INVALID', `${keys}.`, { retryAfterMs: 60_000 });
    }
    c.set('services', created.value);
    await next();
  });
}
