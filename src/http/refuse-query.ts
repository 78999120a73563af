import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from './http-env.ts';
import { noQuery, readQuery } from './read-request.ts';

/** For routes without query parameters: one that is given was meant for something. */
export const refuseQuery = createMiddleware<HttpEnv>(async (c, next) => {
  if (c.req.url.includes('?')) readQuery(c, noQuery);
  await next();
});
