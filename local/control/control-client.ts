import type * as z from 'zod';
import type { DeliveryCounts } from '../bindings/delivery-counts.ts';
import {
  type CallLog,
  type CloudCounters,
  type CloudState,
  callLogSchema,
  countersSchema,
  deliverySchema,
  departedSchema,
  type GenerationLimit,
  type NewFault,
  type NewLatency,
  refusalSchema,
  stateSchema,
  takenBatchSchema,
  type Visibility,
} from './control-schema.ts';

export interface ControlClient {
  isHealthy(): Promise<boolean>;
  state(): Promise<CloudState>;
  counters(): Promise<CloudCounters>;
  resetCounters(): Promise<void>;
  /** The last calls, since the last reset. */
  calls(): Promise<CallLog>;
  /** Tells the API of clients that have left, where it listens; when, on the local cloud's clock. */
  tellDepartures(clients: string[]): Promise<{ atMs: number }>;
  /** Numbers the batches of an unreliable queue, from 0 since the last reset. */
  takeBatch(): Promise<{ n: number }>;
  tellDelivery(counts: DeliveryCounts): Promise<DeliveryCounts>;
  /** What an unreliable queue has delivered since the last reset. */
  deliveries(): Promise<DeliveryCounts>;
  setFault(fault: NewFault): Promise<CloudState>;
  /** Of exactly this target; all when left out. */
  clearFaults(target?: string): Promise<CloudState>;
  setLatency(latency: NewLatency): Promise<CloudState>;
  clearLatency(target?: string): Promise<CloudState>;
  setVisibility(visibility: Visibility): Promise<CloudState>;
  setGenerationLimit(limit: GenerationLimit): Promise<CloudState>;
}

/** Thrown when the local cloud does not do what it is asked; its message says why. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/** Commands the local cloud at the URL (`LOCAL_CLOUD_URL`). Methods throw `ControlError`. */
export function createControlClient(url: string): ControlClient {
  async function send(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await request(method, path, body);
    const json: unknown = await response.json().catch(() => null);
    if (response.ok) return json;
    const refusal = refusalSchema.safeParse(json);
    throw new ControlError(refusal.success ? refusal.data.error : `the local cloud answered ${response.status}`);
  }

  async function request(method: string, path: string, body: unknown): Promise<Response> {
    try {
      return await fetch(new URL(`/control/${path}`, url), {
        method,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
    } catch (cause) {
      throw new ControlError(`no local cloud answers at ${url}`, { cause });
    }
  }

  async function ask<T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> {
    const parsed = schema.safeParse(await send(method, path, body));
    if (parsed.success) return parsed.data;
    throw new ControlError(`what answers at ${url} is not the local cloud's control endpoint`);
  }

  return {
    isHealthy: () =>
      send('GET', 'health').then(
        () => true,
        () => false,
      ),
    state: () => ask(stateSchema, 'GET', 'state'),
    counters: () => ask(countersSchema, 'GET', 'counters'),
    resetCounters: async () => {
      await ask(countersSchema, 'DELETE', 'counters');
    },
    calls: async () => (await ask(callLogSchema, 'GET', 'calls')).calls,
    tellDepartures: (clients) => ask(departedSchema, 'POST', 'departures', { clients }),
    takeBatch: () => ask(takenBatchSchema, 'POST', 'batches'),
    tellDelivery: (counts) => ask(deliverySchema, 'POST', 'deliveries', counts),
    deliveries: () => ask(deliverySchema, 'GET', 'deliveries'),
    setFault: (fault) => ask(stateSchema, 'POST', 'faults', fault),
    clearFaults: (target) => ask(stateSchema, 'DELETE', `faults${targetQuery(target)}`),
    setLatency: (latency) => ask(stateSchema, 'POST', 'latency', latency),
    clearLatency: (target) => ask(stateSchema, 'DELETE', `latency${targetQuery(target)}`),
    setVisibility: (visibility) => ask(stateSchema, 'POST', 'visibility', visibility),
    setGenerationLimit: (limit) => ask(stateSchema, 'POST', 'generation-limit', limit),
  };
}

function targetQuery(target: string | undefined): string {
  return target === undefined ? '' : `?${new URLSearchParams({ target })}`;
}
