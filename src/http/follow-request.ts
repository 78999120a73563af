import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import { newId } from '../new-id.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { HttpEnv } from './http-env.ts';

/**
 * Gives every request an id, and every answer that id, a count and a log line. What is routine is only counted: a line of
 * Workers Logs costs nearly as much as a cached answer
 * (https://developers.cloudflare.com/workers/observability/logs/workers-logs/#pricing).
 */
export function followRequest(telemetry: Telemetry) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const startedAtMs = Date.now();
    const requestId = newId();
    c.set('requestId', requestId);
    c.set('problemCode', null);
    c.set('isRoutine', false);
    await next();
    c.res.headers.set('x-request-id', requestId);
    // Middleware and method fallbacks are registered for every method; what is left is the route itself.
    const route = matchedRoutes(c).find((matched) => matched.method !== 'ALL')?.path ?? 'none';
    const durationMs = Date.now() - startedAtMs;
    const { status } = c.res;
    const { method } = c.req;
    telemetry.count('http.requests', { method, route, status: String(status) });
    telemetry.observe('http.durationMs', durationMs, { method, route });
    if (c.var.isRoutine) return;
    telemetry.emit({
      event: 'request.finished',
      requestId,
      route,
      method,
      status,
      code: c.var.problemCode,
      durationMs,
    });
  });
}
