import { createMiddleware } from 'hono/factory';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';

const CHALLENGE = { 'www-authenticate': 'Bearer realm="vigil"' };

/** Lets a request pass with the deployment's key. */
export const authenticate = createMiddleware<HttpEnv>(async (c, next) => {
  const header = c.req.header('authorization');
  if (header === undefined) {
    throw new ApiProblem('UNAUTHENTICATED', 'The Authorization header is missing.', { headers: CHALLENGE });
  }
  const key = /^Bearer +(\S+)$/i.exec(header)?.[1];
  const { bootstrapKey } = c.var.services;
  if (key === undefined || !isSame(key, bootstrapKey)) {
    throw new ApiProblem('UNAUTHENTICATED', 'The key is not one of this deployment.', { headers: CHALLENGE });
  }
  c.set('keyId', key.split('_')[3] ?? 'unknown');
  await next();
});

/** For what anyone may ask, and those with a key get more of: a key that is given has to be right. */
export const authenticateIfAsked = createMiddleware<HttpEnv>((c, next) =>
  c.req.header('authorization') === undefined ? next() : authenticate(c, next),
);

// What takes the same time for every key of the right length tells nothing of the key but its length, which is public.
function isSame(key: string, expected: string): boolean {
  const encoder = new TextEncoder();
  const [given, own] = [encoder.encode(key), encoder.encode(expected)];
  return given.byteLength === own.byteLength && crypto.subtle.timingSafeEqual(given, own);
}
