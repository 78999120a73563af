import type { Context } from 'hono';
import * as z from 'zod';
import type { IngestionPlan } from '../ingest/plan-ingestion.ts';
import type { HttpEnv } from './http-env.ts';

/** What ingesting one document would come to, on the wire. */
export const ingestionPlanSchema = z
  .object({
    dryRun: z.literal(true),
    id: z.string(),
    outcome: z.enum(['created', 'updated', 'unchanged']),
    duplicateOf: z.string().nullable(),
    title: z.string().nullable(),
    contentBytes: z.number().int(),
    chunks: z.object({
      total: z.number().int(),
      unchanged: z
        .number()
        .int()
        .meta({ description: 'As they are in the version that answers come from: not embedded again.' }),
    }),
    tokens: z.object({ total: z.number().int(), toEmbed: z.number().int() }).meta({ description: 'Estimated.' }),
    costUsd: z.number().meta({ description: 'Once, at list prices: embedding, and writes of stores that bill them.' }),
    storageUsd: z.number().meta({ description: 'A month, at list prices: what is stored in Vectorize.' }),
    isPriceEstimated: z.boolean().meta({ description: 'The model has no listed price: the dearest one was taken.' }),
  })
  .meta({ id: 'IngestionPlan' });

export type IngestionPlanView = z.infer<typeof ingestionPlanSchema>;

export function viewIngestionPlan(id: string, plan: IngestionPlan): IngestionPlanView {
  return { dryRun: true, id, ...plan };
}

/** Whether nothing is to be done but to say what would be. */
export const dryRun = z.enum(['true', 'false']).optional().meta({
  description:
    '`true`: nothing is kept or embedded; the answer says how many passages, tokens and dollars it would be.',
});

/** Of an address whose query has been read and found to fit. */
export function isDryRun(c: Context<HttpEnv>): boolean {
  return new URL(c.req.url).searchParams.get('dryRun') === 'true';
}
