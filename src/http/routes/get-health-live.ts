import type { Context } from 'hono';

/** 200 as long as the Worker runs at all; says nothing of its dependencies or configuration. */
export function getLiveness(c: Context) {
  return c.json({ status: 'live' }, 200, { 'cache-control': 'no-store' });
}
