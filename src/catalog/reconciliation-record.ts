import * as z from 'zod';

/** Where a run's next slice begins. Each phase ends before the next one begins. */
const position = z.discriminatedUnion('phase', [
  /** Every chunk of the ledger, in every store. */
  z.object({
    phase: z.literal('chunks'),
    namespace: z.string(),
    documentId: z.string(),
    version: z.number(),
    n: z.number(),
  }),
  /** Every id that a store lists; `store` is `null` at the beginning of a namespace. */
  z.object({
    phase: z.literal('listings'),
    namespace: z.string().nullable(),
    store: z.string().nullable(),
    cursor: z.string().nullable(),
  }),
  /** Every object in R2. */
  z.object({ phase: z.literal('objects'), cursor: z.string().nullable() }),
  /** Every id that has left the ledger lately, in every store. */
  z.object({ phase: z.literal('removed'), namespace: z.string(), chunkId: z.string() }),
  z.object({ phase: z.literal('judging') }),
  z.object({ phase: z.literal('repairs') }),
]);
export type ReconcilePosition = z.infer<typeof position>;

const tally = z.object({
  /** Chunks (of R2: documents) that should be there and were looked for. */
  checked: z.number().int(),
  missing: z.number().int(),
  stale: z.number().int(),
  /** There, and of nothing that exists. */
  orphaned: z.number().int(),
  /** Of these: given back to ingestion, or removed. */
  repaired: z.number().int(),
  outcome: z.enum(['compared', 'stopped', 'unavailable']),
  /** Why the store was not compared to the end. */
  code: z.string().nullable(),
});
export type StoreTally = z.infer<typeof tally>;

export const EMPTY_TALLY: StoreTally = {
  checked: 0,
  missing: 0,
  stale: 0,
  orphaned: 0,
  repaired: 0,
  outcome: 'compared',
  code: null,
};

function parsed<T>(schema: z.ZodType<T>) {
  return z.preprocess((json) => JSON.parse(String(json)), schema);
}

export const reconciliationRow = z.object({
  id: z.string(),
  namespace: z.string().nullable(),
  isForced: z.number().transform((value) => value === 1),
  requestedBy: z.enum(['schedule', 'operator']),
  state: z.enum(['running', 'finished', 'stopped', 'failed']),
  position: parsed(position),
  tallies: parsed(z.record(z.string(), tally)),
  attempts: z.number().int(),
  leaseToken: z.string().nullable(),
  startedAtMs: z.number().int(),
  updatedAtMs: z.number().int(),
  finishedAtMs: z.number().int().nullable(),
});
export type Reconciliation = z.infer<typeof reconciliationRow>;

export const RECONCILIATION_COLUMNS = `
  id, namespace, is_forced AS isForced, requested_by AS requestedBy, state, position, tallies, attempts,
  lease_token AS leaseToken, started_at_ms AS startedAtMs, updated_at_ms AS updatedAtMs,
  finished_at_ms AS finishedAtMs`;

export const reconcileFinding = z.object({
  store: z.string(),
  kind: z.enum(['behind', 'orphan']),
  namespace: z.string(),
  /** Of what is behind: the document's id. Of an orphan: the chunk's id, or the object's key. */
  key: z.string(),
  /** 0 for an orphan. */
  version: z.number().int(),
  /** How many chunks differ. */
  chunks: z.number().int(),
});
export type ReconcileFinding = z.infer<typeof reconcileFinding>;
