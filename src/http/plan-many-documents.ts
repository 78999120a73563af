import type { Context } from 'hono';
import * as z from 'zod';
import { round } from '../cost/price-sums.ts';
import { type PlanServices, planIngestion } from '../ingest/plan-ingestion.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { ApiProblem, problemSchema, viewProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';
import { inPlanTurn } from './in-plan-turn.ts';
import { type IngestionPlanView, ingestionPlanSchema, viewIngestionPlan } from './ingestion-plan-view.ts';
import { type ManyDocuments, noDocuments, type ReadItem } from './many-documents-body.ts';
import { refusedPlan } from './refused-plan.ts';

const plannedItem = z.object({
  index: z.number().int(),
  line: z.number().int().nullable(),
  id: z.string().nullable(),
  plan: ingestionPlanSchema.nullable(),
  problem: problemSchema.nullable(),
});
type PlannedItem = z.infer<typeof plannedItem>;

/** What ingesting many documents would come to. */
export const manyPlansSchema = z
  .object({
    dryRun: z.literal(true),
    totals: z.object({
      documents: z.number().int().meta({ description: 'Those that something would be done for.' }),
      chunks: z.number().int(),
      tokensToEmbed: z.number().int(),
      costUsd: z.number(),
      storageUsd: z.number(),
    }),
    items: z.array(plannedItem),
    unread: z.object({ line: z.number().int(), problem: problemSchema }).nullable(),
  })
  .meta({ id: 'ManyIngestionPlans' });

/** Says it of one document after another, as they are read: each may take a conversion. */
export async function planManyDocuments(
  c: Context<HttpEnv>,
  many: ManyDocuments,
  deadline: Deadline,
): Promise<z.infer<typeof manyPlansSchema>> {
  const items = await inPlanTurn(c.var.services.plan, async (services) => {
    const planned: PlannedItem[] = [];
    for await (const item of many.items) planned.push(await planItem(c, services, item, deadline));
    return planned;
  });
  const unread = many.unread();
  if (items.length === 0 && unread === null) throw noDocuments();
  return {
    dryRun: true,
    totals: totalsOf(items.flatMap(({ plan }) => plan ?? [])),
    items,
    unread: unread && { line: unread.line, problem: viewProblem(c, unread.problem) },
  };
}

async function planItem(
  c: Context<HttpEnv>,
  services: PlanServices,
  item: ReadItem,
  deadline: Deadline,
): Promise<PlannedItem> {
  const { index, line, id } = item;
  const refused = (problem: ApiProblem) => ({ index, line, id, plan: null, problem: viewProblem(c, problem) });
  if (item.problem !== null) return refused(item.problem);
  if (deadline.remainingMs() <= 0) {
    return refused(new ApiProblem('NOT_REACHED', 'There was no time for it.', { retryAfterMs: 1_000 }));
  }
  const plan = await planIngestion(services, item.input);
  if (!plan.ok) return refused(refusedPlan(plan.error));
  return { index, line, id, plan: viewIngestionPlan(item.input.documentId, plan.value), problem: null };
}

function totalsOf(plans: IngestionPlanView[]) {
  const changed = plans.filter(({ outcome }) => outcome !== 'unchanged');
  const sum = (of: (plan: IngestionPlanView) => number) => changed.reduce((total, plan) => total + of(plan), 0);
  return {
    documents: changed.length,
    chunks: sum(({ chunks }) => chunks.total),
    tokensToEmbed: sum(({ tokens }) => tokens.toEmbed),
    costUsd: round(sum(({ costUsd }) => costUsd)),
    storageUsd: round(sum(({ storageUsd }) => storageUsd)),
  };
}
