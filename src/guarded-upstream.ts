import { createRedisCacheStore } from './cache/redis-cache-store.ts';
import { createCatalogDatabase } from './catalog/catalog-database.ts';
import { createOperatorFlagRecords } from './catalog/operator-flag-records.ts';
import type { Clock } from './clock.ts';
import type { ApiConfig, IngestConfig } from './config.ts';
import { createKnownFlags, createOperatorFlagBoard, type OperatorFlagBoard } from './namespaces/operator-flags.ts';
import { createCacheApiHints } from './resilience/cache-api-hints.ts';
import { createCallBudget } from './resilience/call-budget.ts';
import { type CallUpstream, createCallUpstream } from './resilience/call-upstream.ts';
import { createCircuits } from './resilience/circuits.ts';
import { createConnectionSlots, limitConnections, MAX_WAITING_CALLS } from './resilience/connection-slots.ts';
import { guardUpstream, type IsolationOrders } from './resilience/guard-upstream.ts';
import { createHintMemory, createOpenHintExchange, type OpenHintExchange } from './resilience/open-hint-exchange.ts';
import { RETRY_BUDGET } from './resilience/retry.ts';
import type { Defer } from './telemetry/defer.ts';
import { createTraceSpan } from './telemetry/span.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** What an isolate learns about its dependencies, and keeps from request to request. */
export type UpstreamMemory = ReturnType<typeof createUpstreamMemory>;

export function createUpstreamMemory(common: { clock: Clock; telemetry: Telemetry; tracing: Tracing | undefined }) {
  return {
    traceSpan: createTraceSpan(common.tracing),
    circuits: createCircuits(common),
    retryBudget: createCallBudget(RETRY_BUDGET),
    knownFlags: createKnownFlags(),
    hints: createHintMemory(),
  };
}

// Orders are read beside a question: when the catalog is slow, those last known have to do.
const FLAG_RECORDS_TIMEOUT_MS = 300;

const wait = (ms: number) => scheduler.wait(ms);
const NO_ORDERS: IsolationOrders = { isIsolated: () => false, refresh: () => null };
const NO_HINTS: OpenHintExchange = { publish: () => {}, refresh: () => {} };

/**
 * One request's way to its dependencies, guarded by what its isolate knows of them; `callPlatform` is for what the
 * platform does in the machine itself, which no order is about, so that nothing waits for orders.
 */
export function createGuardedUpstream(
  memory: UpstreamMemory,
  common: { clock: Clock; telemetry: Telemetry; defer: Defer },
  config: ApiConfig | IngestConfig,
  catalogDb: D1Database,
): { callUpstream: CallUpstream; callPlatform: CallUpstream; flags: OperatorFlagBoard } {
  const { clock, telemetry, defer } = common;
  const { circuits, retryBudget, traceSpan } = memory;
  const callOnce = createCallUpstream({ clock, telemetry, traceSpan });
  const slots = createConnectionSlots(MAX_WAITING_CALLS);
  // Without a breaker: an order must get through whatever the orders are.
  const callOrder = limitConnections(callOnce, slots);
  const flags = createOperatorFlagBoard({
    ...common,
    known: memory.knownFlags,
    cache: createRedisCacheStore({
      url: config.UPSTASH_REDIS_REST_URL,
      token: config.UPSTASH_REDIS_REST_TOKEN,
      callUpstream: callOrder,
      readTimeoutMs: config.CACHE_READ_TIMEOUT_MS,
      writeTimeoutMs: config.CACHE_WRITE_TIMEOUT_MS,
    }),
    records: createOperatorFlagRecords(
      createCatalogDatabase({ db: catalogDb, callUpstream: callOrder, timeoutMs: config.CATALOG_TIMEOUT_MS }),
    ),
    refreshMs: config.OPERATOR_FLAGS_REFRESH_MS,
    trustMs: config.OPERATOR_FLAGS_TRUST_MS,
    cacheTimeoutMs: config.CACHE_READ_TIMEOUT_MS,
    recordsTimeoutMs: FLAG_RECORDS_TIMEOUT_MS,
  });
  const hints = createOpenHintExchange({
    hints: createCacheApiHints(caches.default, config.ENVIRONMENT),
    memory: memory.hints,
    circuits,
    clock,
    defer,
  });
  const guard = { callOnce, circuits, slots, retryBudget, clock, telemetry, random: Math.random, wait };
  return {
    callUpstream: guardUpstream({ ...guard, orders: flags, hints }),
    callPlatform: guardUpstream({
      ...guard,
      // The platform shows such calls in its traces by itself.
      callOnce: createCallUpstream({ clock, telemetry }),
      ...{ orders: NO_ORDERS, hints: NO_HINTS },
    }),
    flags,
  };
}
