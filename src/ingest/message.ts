import * as z from 'zod';

/**
 * A pointer to work, never the work itself: the row in D1 says what to do, so a message may come twice, late or
 * out of order. Well under the queue's 128 KB a message (https://developers.cloudflare.com/queues/platform/limits/).
 */
export const ingestMessageSchema = z.object({
  v: z.literal(1),
  kind: z.enum(['index', 'delete']),
  namespace: z.string(),
  documentId: z.string(),
  version: z.number().int().positive(),
});

/** To go on with a deletion of many documents. */
const deletionMessageSchema = z.object({
  v: z.literal(1),
  kind: z.literal('deletion'),
  namespace: z.string(),
  deletionId: z.string(),
});

/** The next slices of a reconciliation. */
const reconcileMessageSchema = z.object({ v: z.literal(1), kind: z.literal('reconcile'), runId: z.string() });

/** Whatever the queue carries. */
export const queueMessageSchema = z.discriminatedUnion('kind', [
  ingestMessageSchema,
  deletionMessageSchema,
  reconcileMessageSchema,
]);

export type IngestMessage = z.infer<typeof ingestMessageSchema>;
export type DeletionMessage = z.infer<typeof deletionMessageSchema>;
export type ReconcileMessage = z.infer<typeof reconcileMessageSchema>;
export type QueueMessage = z.infer<typeof queueMessageSchema>;
