import { createMiddleware } from 'hono/factory';
import { timingSafeEqual } from 'hono/utils/buffer';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';

const CHALLENGE = { 'www-authenticate': 'Bearer realm="vigil"' };

/** Lets a request pass with the deployment's key; compares digests in constant time. */
export const authenticate = createMiddleware<HttpEnv>(async (c, next) => {
  const header = c.req.header('authorization');
  if (header === undefined) {
    throw new ApiProblem('UNAUTHENTICATED', 'The Authorization header is missing.', { headers: CHALLENGE });
  }
  const key = /^Bearer +(\S+)$/i.exec(header)?.[1];
  const { bootstrapKey } = c.var.services;
  if (key === undefined || !(await timingSafeEqual(key, bootstrapKey))) {
    throw new ApiProblem('UNAUTHENTICATED', 'The key is not one of this deployment.', { headers: CHALLENGE });
  }
  c.set('keyId', key.split('_')[3] ?? 'unknown');
  await next();
});

/** For what anyone may ask, and those with a key get more of: a key that is given has to be right. */
export const authenticateIfAsked = createMiddleware<HttpEnv>((c, next) =>
  c.req.header('authorization') === undefined ? next() : authenticate(c, next),
);
