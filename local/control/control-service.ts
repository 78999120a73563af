import type * as z from 'zod';
import type { Clock } from '../../src/clock.ts';
import { fail, type Result, succeed } from '../../src/result.ts';
import { addDelivery, NOTHING_DELIVERED } from '../bindings/delivery-counts.ts';
import type { FaultTarget } from '../faults/fault.ts';
import type { ControlledFaultGate } from '../faults/fault-gate.ts';
import type { LocalRequest, LocalResponse } from '../http-service.ts';
import {
  type CloudCounters,
  type CloudState,
  deliverySchema,
  departureSchema,
  faultSchema,
  generationLimitSchema,
  latencySchema,
  targetSchema,
  visibilitySchema,
  withoutBindings,
} from './control-schema.ts';
import { createDepartures } from './departures.ts';

type Visible = keyof CloudState['visibilityDelayMs'];

export interface ControlOptions {
  gate: ControlledFaultGate;
  clock: Clock;
  redis: { commandCounts(): Record<string, number>; resetCommandCounts(): void };
  embeddings: { stats(): { cachedTexts: number; computedTexts: number } };
  /** The services whose writes become visible late. */
  visible: Record<Visible, { setVisibilityDelayMs(delayMs: number): void }>;
  visibilityDelayMs: number;
  ai: { setGenerationsPerMinute(perMinute: number | null): void };
  /** The Workers ask before they call D1 and KV. */
  breakableBindings: boolean;
}

type Answer = Result<unknown, string>;

/** The JSON API under `/control` by which people and tests slow, break and count the local cloud. */
export function createControlService(options: ControlOptions) {
  const { gate, clock, redis, embeddings, visible, visibilityDelayMs, ai, breakableBindings } = options;
  let generationsPerMinute: number | null = null;
  const departures = createDepartures();
  let embeddedBefore = embeddings.stats();
  let batches = 0;
  let delivered = NOTHING_DELIVERED;

  const reachable = breakableBindings
    ? { fault: faultSchema, latency: latencySchema }
    : { fault: withoutBindings(faultSchema), latency: withoutBindings(latencySchema) };
  const delays: CloudState['visibilityDelayMs'] = { vectorize: visibilityDelayMs, vector: visibilityDelayMs };

  function state(): CloudState {
    return { ...gate.describe(), breakableBindings, visibilityDelayMs: delays, generationsPerMinute };
  }

  function counters(): CloudCounters {
    const { cachedTexts, computedTexts } = embeddings.stats();
    const embeddedTexts = {
      cached: cachedTexts - embeddedBefore.cachedTexts,
      computed: computedTexts - embeddedBefore.computedTexts,
    };
    return { calls: gate.counters(), waiting: gate.waiting(), embeddedTexts, redisCommands: redis.commandCounts() };
  }

  const endpoints: Record<string, (request: LocalRequest) => Promise<Answer>> = {
    'GET /control/health': async () => succeed({ ok: true }),
    'GET /control/state': async () => succeed(state()),
    'GET /control/counters': async () => succeed(counters()),
    'DELETE /control/counters': async () => {
      gate.resetCounters();
      redis.resetCommandCounts();
      embeddedBefore = embeddings.stats();
      batches = 0;
      delivered = NOTHING_DELIVERED;
      return succeed(counters());
    },
    'GET /control/calls': async () => succeed({ calls: gate.log() }),
    'POST /control/departures': withBody(departureSchema, async ({ clients }) => {
      for (const client of clients) departures.tell(client);
      return { atMs: clock.nowMs() };
    }),
    'GET /control/departures': async ({ path, signal }) => {
      const client = new URL(path, 'http://local').searchParams.get('client') ?? '';
      return succeed({ hasLeft: await departures.heard(client, signal) });
    },
    'POST /control/batches': async () => {
      const n = batches;
      batches += 1;
      return succeed({ n });
    },
    'POST /control/deliveries': withBody(deliverySchema, async (counts) => {
      delivered = addDelivery(delivered, counts);
      return delivered;
    }),
    'GET /control/deliveries': async () => succeed(delivered),
    'POST /control/faults': withBody(reachable.fault, async (fault) => {
      await gate.setFault(fault);
      return state();
    }),
    'DELETE /control/faults': withTarget(async (target) => {
      await gate.clearFaults(target);
      return state();
    }),
    'POST /control/latency': withBody(reachable.latency, async ({ target, profile }) => {
      gate.setLatency(target, profile);
      return state();
    }),
    'DELETE /control/latency': withTarget(async (target) => {
      gate.clearLatency(target);
      return state();
    }),
    'POST /control/visibility': withBody(visibilitySchema, async ({ service, delayMs }) => {
      visible[service].setVisibilityDelayMs(delayMs);
      delays[service] = delayMs;
      return state();
    }),
    'POST /control/generation-limit': withBody(generationLimitSchema, async ({ perMinute }) => {
      ai.setGenerationsPerMinute(perMinute);
      generationsPerMinute = perMinute;
      return state();
    }),
  };

  return async function handle(request: LocalRequest): Promise<LocalResponse> {
    const endpoint = endpoints[`${request.method} ${request.path.split('?', 1)[0]}`];
    if (!endpoint) return json(404, { error: `no such endpoint; there are ${Object.keys(endpoints).join(', ')}` });
    const answer = await endpoint(request);
    return answer.ok ? json(200, answer.value) : json(400, { error: answer.error });
  };
}

function withBody<T>(schema: z.ZodType<T>, act: (body: T) => Promise<unknown>) {
  return async ({ body }: LocalRequest): Promise<Answer> => {
    const json = parseJson(body);
    if (!json.ok) return json;
    const parsed = schema.safeParse(json.value);
    return parsed.success ? succeed(await act(parsed.data)) : fail(describeIssues(parsed.error));
  };
}

/** All of them when the query names no target. */
function withTarget(act: (target: FaultTarget | null) => Promise<unknown>) {
  return async ({ path }: LocalRequest): Promise<Answer> => {
    const named = new URL(path, 'http://local').searchParams.get('target');
    if (named === null) return succeed(await act(null));
    const target = targetSchema.safeParse(named);
    return target.success ? succeed(await act(target.data)) : fail(describeIssues(target.error));
  };
}

function parseJson(body: Uint8Array): Result<unknown, string> {
  try {
    return succeed(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return fail('the body is not JSON');
  }
}

function describeIssues({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ');
}

function json(status: number, value: unknown): LocalResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
