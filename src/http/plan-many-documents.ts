import type { Context } from 'hono';
import * as z from 'zod';
import { round } from '../cost/price-sums.ts';
import { type PlanOutcome, planMany } from '../ingest/plan-many.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { ApiProblem, problemSchema, viewProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';
import { inPlanTurn } from './in-plan-turn.ts';
import { type IngestionPlanView, ingestionPlanSchema, viewIngestionPlan } from './ingestion-plan-view.ts';
import { type ManyDocuments, noDocuments, type ReadItem, withInput } from './many-documents-body.ts';
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
      unplanned: z.number().int().meta({
        description: 'Documents that could not be planned now, as their problems say: the sums do without them.',
      }),
    }),
    items: z.array(plannedItem),
    unread: z.object({ line: z.number().int(), problem: problemSchema }).nullable(),
  })
  .meta({ id: 'ManyIngestionPlans' });

/** Says it of each, one document after another. */
export async function planManyDocuments(
  c: Context<HttpEnv>,
  namespace: string,
  many: ManyDocuments,
  deadline: Deadline,
): Promise<z.infer<typeof manyPlansSchema>> {
  const read: Omit<ReadItem, 'input'>[] = [];
  const outcomes = await inPlanTurn(c.var.services.plan, (services) =>
    planMany(services, withInput(many.items, read), { namespace, deadline }),
  );
  const unread = many.unread();
  if (read.length === 0 && unread === null) throw noDocuments();
  const items = read.map((item) => viewItem(c, item, outcomes.get(item.index)));
  return {
    dryRun: true,
    totals: totalsOf(items),
    items,
    unread: unread && { line: unread.line, problem: viewProblem(c, unread.problem) },
  };
}

/** @throws Error for a document that was neither refused nor planned: a bug */
function viewItem(
  c: Context<HttpEnv>,
  { index, line, id, problem }: Omit<ReadItem, 'input'>,
  outcome: PlanOutcome | undefined,
): PlannedItem {
  const refused = (reason: ApiProblem) => ({ index, line, id, plan: null, problem: viewProblem(c, reason) });
  if (problem !== null) return refused(problem);
  if (outcome === undefined || id === null) throw new Error('a document was left without an outcome');
  if (outcome.ok) return { index, line, id, plan: viewIngestionPlan(id, outcome.value), problem: null };
  if (outcome.error !== 'unreached') return refused(refusedPlan(outcome.error));
  return refused(new ApiProblem('NOT_REACHED', 'There was no time for it.', { retryAfterMs: 1_000 }));
}

function totalsOf(items: PlannedItem[]) {
  const changed = items.flatMap(({ plan }) => (plan === null || plan.outcome === 'unchanged' ? [] : plan));
  const sum = (of: (plan: IngestionPlanView) => number) => changed.reduce((total, plan) => total + of(plan), 0);
  return {
    documents: changed.length,
    chunks: sum(({ chunks }) => chunks.total),
    tokensToEmbed: sum(({ tokens }) => tokens.toEmbed),
    costUsd: round(sum(({ costUsd }) => costUsd)),
    storageUsd: round(sum(({ storageUsd }) => storageUsd)),
    unplanned: items.filter(({ problem }) => problem !== null && problem.status >= 500).length,
  };
}
