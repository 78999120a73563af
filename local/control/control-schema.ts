import * as z from 'zod';
import { deliveryCountsSchema } from '../bindings/delivery-counts.ts';
import {
  BINDING_SERVICES,
  FAULT_MODES,
  type FaultTarget,
  SERVICE_NAMES,
  STREAM_FAULT_MODES,
  STREAMING_SERVICES,
} from '../faults/fault.ts';
import { latencyProfileSchema } from '../faults/latency-profile.ts';
import { parseTarget } from '../faults/target.ts';

/** `service[:instance][/operation]` */
export const targetSchema = z.string().transform((text, context) => {
  const target = parseTarget(text);
  if (target.ok) return target.value;
  context.addIssue(target.error);
  return z.NEVER;
});

const faultModeSchema = z.enum([...FAULT_MODES, ...STREAM_FAULT_MODES]);

const millisecondsSchema = z.number().min(0);

export const faultSchema = z
  .strictObject({
    target: targetSchema,
    mode: faultModeSchema,
    /** `null`: until cleared. */
    forMs: millisecondsSchema.nullable().default(null),
    seed: z.int().optional(),
    factor: z.number().min(1).optional(),
    addMs: millisecondsSchema.optional(),
    /** Of the calls, how many meet the fault. */
    share: z.number().gt(0).max(1).optional(),
    /** For `error`: of those that meet it, how many are carried out all the same. */
    doneShare: z.number().min(0).max(1).optional(),
  })
  .refine(
    ({ mode, target, doneShare }) =>
      doneShare === undefined || (mode === 'error' && !BINDING_SERVICES.some((name) => name === target.service)),
    'doneShare belongs to the mode error of what the local cloud carries out itself',
  )
  .refine(
    ({ mode, seed, share }) => seed === undefined || mode === 'flapping' || share !== undefined,
    'seed belongs to the mode flapping, or to a share',
  )
  .refine(({ mode, share }) => share === undefined || mode !== 'refused', 'a port is closed to all calls or to none')
  .refine(
    ({ mode, target }) =>
      !STREAM_FAULT_MODES.some((name) => name === mode) || STREAMING_SERVICES.some((name) => name === target.service),
    `the modes ${STREAM_FAULT_MODES.join(' and ')} belong to ${STREAMING_SERVICES.join(' and ')}, whose answers are streams`,
  )
  .refine(
    ({ mode, factor, addMs }) => (factor === undefined && addMs === undefined) || mode === 'slow',
    'factor and addMs belong to the mode slow',
  );

export const latencySchema = z.strictObject({ target: targetSchema, profile: latencyProfileSchema });

/** What a local cloud lets be changed whose Workers do not ask it before they call their D1 and KV bindings. */
export function withoutBindings<T extends { target: FaultTarget }>(schema: z.ZodType<T>): z.ZodType<T> {
  return schema.refine(({ target }) => !BINDING_SERVICES.some((name) => name === target.service), {
    path: ['target'],
    message: 'D1 and KV fail only where Vigil was started for that: npm start -- --breakable-bindings',
  });
}

export const EVENTUALLY_VISIBLE = ['vectorize', 'vector'] as const;
export const visibilitySchema = z.strictObject({ service: z.enum(EVENTUALLY_VISIBLE), delayMs: millisecondsSchema });

/** `null`: as many as there are slots for. */
export const generationLimitSchema = z.strictObject({ perMinute: z.int().min(1).nullable() });

export const stateSchema = z.object({
  seed: z.number(),
  faults: z.array(z.object({ target: z.string(), mode: faultModeSchema, remainingMs: z.number().nullable() })),
  latency: z.array(z.object({ target: z.string(), profile: latencyProfileSchema })),
  /** Whether D1 and KV can be slowed and broken. */
  breakableBindings: z.boolean(),
  visibilityDelayMs: z.record(z.enum(EVENTUALLY_VISIBLE), z.number()),
  /** Of all models of Workers AI together. */
  generationsPerMinute: z.number().nullable(),
});

export const countersSchema = z.object({
  /** HTTP requests, as the fault gate names them. */
  calls: z.array(
    z.object({
      service: z.enum(SERVICE_NAMES),
      instance: z.string(),
      operation: z.string(),
      received: z.number(),
      /** Calls that a fault kept from their own answer, and of these the ones that were carried out all the same. */
      faulted: z.number(),
      faultedWhenDone: z.number(),
      /** Calls and streams whose client left before the end. */
      cancelled: z.number(),
      /** The most that waited for the end of their answer at one moment. */
      waitingMost: z.number(),
    }),
  ),
  /** Calls that wait for the end of their answer now, by `service:instance/operation`: no reset changes that. */
  waiting: z.record(z.string(), z.number()),
  /** Texts embedded, since the start or the last reset. */
  embeddedTexts: z.object({
    /** Whose vector was on the local cloud's disk. */
    cached: z.number(),
    /** Which went through the model. */
    computed: z.number(),
  }),
  /** Redis commands by name, those of a pipeline one by one, as Upstash bills them. */
  redisCommands: z.record(z.string(), z.number()),
});

export const callLogSchema = z.object({
  calls: z.array(
    z.object({
      service: z.enum(SERVICE_NAMES),
      instance: z.string(),
      operation: z.string(),
      /** On the local cloud's clock. */
      beganAtMs: z.number(),
      /** `null` while it waits for the end of its answer. */
      endedAtMs: z.number().nullable(),
    }),
  ),
});

/** Clients of the API, by the ids they gave themselves. */
export const departureSchema = z.strictObject({ clients: z.array(z.string().min(1)) });
export const departedSchema = z.object({ atMs: z.number() });

/** The place of a batch of messages among those that an unreliable queue has delivered. */
export const takenBatchSchema = z.object({ n: z.int() });
/** One batch, as its Worker tells, or all of them since the last reset. */
export const deliverySchema = deliveryCountsSchema;

export const refusalSchema = z.object({ error: z.string() });

export type NewFault = z.input<typeof faultSchema>;
export type NewLatency = z.input<typeof latencySchema>;
export type GenerationLimit = z.input<typeof generationLimitSchema>;
export type Visibility = z.input<typeof visibilitySchema>;
export type CloudState = z.infer<typeof stateSchema>;
export type CallLog = z.infer<typeof callLogSchema>['calls'];
export type CloudCounters = z.infer<typeof countersSchema>;
