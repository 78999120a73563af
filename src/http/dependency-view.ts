import * as z from 'zod';
import { operatorFlagState } from '../namespaces/operator-flag.ts';
import type { CircuitView } from '../resilience/circuits.ts';
import type { Dependencies, DependencyView } from '../resilience/dependencies.ts';

const breakerState = z.enum(['closed', 'open', 'half-open', 'isolated']);

const order = z
  .object({ state: operatorFlagState, changedAt: z.iso.datetime(), changedBy: z.string() })
  .nullable()
  .meta({ description: "An operator's last order; `null` when there never was one." });

const circuit = z.object({
  name: z.string(),
  state: breakerState,
  retryAfterMs: z.number().nullable(),
  lastError: z
    .object({
      class: z.enum(['transient', 'rate-limited', 'permanent', 'configuration']),
      code: z.string(),
      at: z.iso.datetime(),
    })
    .nullable(),
  latency: z
    .object({ p50Ms: z.number(), p95Ms: z.number(), samples: z.number().int() })
    .nullable()
    .meta({ description: 'Of at most 100 answers of the last minute; `null` without any.' }),
});

const scope = z.literal('isolate').meta({ description: 'Seen from one isolate of many, since it started.' });

export const dependencySchema = z
  .object({
    scope,
    name: z.string(),
    state: breakerState,
    demoted: z.boolean().meta({ description: 'A vector store that answers too late lately: it is asked last.' }),
    order,
    circuits: z.array(circuit),
  })
  .meta({ id: 'Dependency' });

const status = z.enum(['ready', 'not-ready']);

/** For anyone, and with a key. */
export const readinessSchema = z.union([
  z.strictObject({ status }).meta({ id: 'Readiness' }),
  z
    .strictObject({
      status,
      scope,
      dependencies: z.array(dependencySchema),
      ordersReadAt: z.iso.datetime().nullable(),
    })
    .meta({ id: 'ReadinessInDetail' }),
]);

export function viewDependency({
  name,
  state,
  isDemoted,
  order,
  circuits,
}: DependencyView): z.infer<typeof dependencySchema> {
  const orderView = order && {
    state: order.state,
    changedAt: isoTime(order.changedAtMs),
    changedBy: order.changedBy,
  };
  return {
    scope: 'isolate',
    name,
    state,
    demoted: isDemoted,
    order: orderView,
    circuits: circuits.map(viewCircuit),
  };
}

export function viewReadiness(dependencies: Dependencies, inDetail: boolean): z.infer<typeof readinessSchema> {
  const status = dependencies.isReady() ? 'ready' : 'not-ready';
  if (!inDetail) return { status };
  const { readAtMs } = dependencies.orders();
  return {
    status,
    scope: 'isolate',
    dependencies: dependencies.names().map((name) => viewDependency(dependencies.view(name))),
    ordersReadAt: Number.isFinite(readAtMs) ? isoTime(readAtMs) : null,
  };
}

function viewCircuit({ lastError, ...view }: CircuitView): z.infer<typeof circuit> {
  if (lastError === null) return { ...view, lastError };
  return { ...view, lastError: { class: lastError.class, code: lastError.code, at: isoTime(lastError.atMs) } };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
