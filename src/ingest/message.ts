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

export type IngestMessage = z.infer<typeof ingestMessageSchema>;

/** The next slices of a reconciliation. */
const reconcileMessageSchema = z.object({ v: z.literal(1), kind: z.literal('reconcile'), runId: z.string() });
export type ReconcileMessage = z.infer<typeof reconcileMessageSchema>;

export const queueMessageSchema = z.discriminatedUnion('kind', [ingestMessageSchema, reconcileMessageSchema]);
export type QueueMessage = z.infer<typeof queueMessageSchema>;
