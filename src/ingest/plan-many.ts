import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { ManyItem, ManyOptions } from './accept-many.ts';
import { type MeasuredDocument, measureDocument } from './measure-document.ts';
import { type IngestionPlan, type PlanFailure, type PlanServices, planMeasured } from './plan-ingestion.ts';

/** What one of many would come to; `unreached` when time ran out before its turn. */
export type PlanOutcome = Result<IngestionPlan, PlanFailure | 'unreached'>;

// Few statements of the catalog for each document, and little in memory.
const DOCUMENTS_AT_ONCE = 32;
const CHUNKS_AT_ONCE = 20_000;

/**
 * Says what ingesting documents of one namespace, whose ids differ, would come to, by their index. They are measured one
 * after another, as they are read: each may take a conversion. The catalog is asked about several together.
 */
export async function planMany(
  services: PlanServices,
  items: AsyncIterable<ManyItem>,
  { namespace, deadline }: ManyOptions,
): Promise<Map<number, PlanOutcome>> {
  const outcomes = new Map<number, PlanOutcome>();
  // Whoever has begun has the time of a single one.
  const ownDeadline = () => deadlineIn(services.clock, services.settings.planDeadlineMs);
  let waiting: Waiting[] = [];

  async function planWaiting(): Promise<void> {
    const together = waiting;
    waiting = [];
    for (const [index, outcome] of await planTogether(services, namespace, together, ownDeadline())) {
      outcomes.set(index, outcome);
    }
  }

  for await (const { index, input } of items) {
    const measured: Result<MeasuredDocument, PlanFailure | 'unreached'> =
      deadline.remainingMs() <= 0 ? fail('unreached') : await measureDocument(services, input, ownDeadline());
    if (measured.ok) waiting.push({ index, measured: measured.value });
    else outcomes.set(index, measured);
    if (isEnough(waiting)) await planWaiting();
  }
  await planWaiting();
  return outcomes;
}

interface Waiting {
  index: number;
  measured: MeasuredDocument;
}

function isEnough(waiting: Waiting[]): boolean {
  const chunks = waiting.reduce((total, { measured }) => total + measured.chunks.length, 0);
  return waiting.length >= DOCUMENTS_AT_ONCE || chunks >= CHUNKS_AT_ONCE;
}

async function planTogether(
  services: PlanServices,
  namespace: string,
  waiting: Waiting[],
  deadline: Deadline,
): Promise<[index: number, PlanOutcome][]> {
  if (waiting.length === 0) return [];
  const documents = waiting.map(({ measured }) => measured);
  const planned = await planMeasured(services, namespace, documents, deadline);
  return waiting.map(({ index }, n) => {
    if (!planned.ok) return [index, planned];
    const plan = planned.value[n];
    if (plan === undefined) throw new Error('a document was left without its plan');
    return [index, succeed(plan)];
  });
}
