import type { Context } from 'hono';
import type { HttpEnv } from '../http-env.ts';

/** This isolate's counters as Prometheus text: one of many isolates, and gone with it. */
export function getMetrics(c: Context<HttpEnv>) {
  return c.text(c.var.services.telemetry.exposition(), 200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
  });
}
