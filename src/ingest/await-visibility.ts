import type { DocumentRecord, StoreHolding } from '../catalog/document-record.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { VectorStore } from '../retrieval/vector-store.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';

const FIRST_INTERVAL_MS = 250;
const LONGEST_INTERVAL_MS = 2_000;

/** What stores have taken of a document, or were told to forget. */
export interface Holder {
  readonly record: Pick<DocumentRecord, 'namespace'>;
  /** By store. */
  readonly holdings: Map<string, StoreHolding>;
}

interface Question {
  store: VectorStore;
  namespace: string;
  receipt: string;
  askers: { holder: Holder; store: string }[];
}

/**
 * Asks the stores again and again whether queries see what the jobs have written, and notes which do, until the jobs
 * are content or the budget is spent.
 */
export async function awaitVisibility<H extends Holder>(
  services: IngestServices,
  holders: H[],
  isContent: (holder: H) => boolean,
): Promise<void> {
  const { clock, settings, wait } = services;
  const budget = deadlineIn(clock, Math.min(settings.confirmBudgetMs, settings.leaseMs / 2));
  let intervalMs = FIRST_INTERVAL_MS;
  let questions = openQuestions(services, holders);
  while (questions.length > 0) {
    await Promise.all(questions.map((question) => ask(question, budget)));
    const discontent = holders.filter((holder) => !isContent(holder));
    questions = openQuestions(services, discontent);
    if (questions.length === 0 || budget.remainingMs() <= intervalMs) break;
    await wait(intervalMs);
    intervalMs = Math.min(LONGEST_INTERVAL_MS, 2 * intervalMs);
  }
}

/** Asks each store a single time, and notes which show what the jobs have written. */
export async function askOnce(services: IngestServices, holders: Holder[]): Promise<void> {
  const deadline = stepDeadline(services);
  await Promise.all(openQuestions(services, holders).map((question) => ask(question, deadline)));
}

/** How many vector stores are known to show to queries what the job has written. */
export function confirmedStores({ stores }: IngestServices, { holdings }: Pick<Holder, 'holdings'>): number {
  return stores.filter((store) => holdings.get(store.name)?.confirmed === true).length;
}

// Documents written by the same call share its receipt, and are asked about once.
function openQuestions({ stores }: IngestServices, holders: Holder[]): Question[] {
  const questions = new Map<string, Question>();
  for (const holder of holders) {
    for (const store of stores) {
      const held = holder.holdings.get(store.name);
      if (held === undefined || held.confirmed) continue;
      const { namespace } = holder.record;
      const key = JSON.stringify([store.name, namespace, held.receipt]);
      const question = questions.get(key) ?? { store, namespace, receipt: held.receipt, askers: [] };
      question.askers.push({ holder, store: store.name });
      questions.set(key, question);
    }
  }
  return [...questions.values()];
}

async function ask({ store, namespace, receipt, askers }: Question, budget: Deadline): Promise<void> {
  const visible = await store.isVisible(namespace, receipt, budget);
  // A store that cannot say is asked again: it has taken the write.
  if (!visible.ok || !visible.value) return;
  for (const { holder, store: name } of askers) {
    const held = holder.holdings.get(name);
    if (held !== undefined) holder.holdings.set(name, { ...held, confirmed: true });
  }
}
