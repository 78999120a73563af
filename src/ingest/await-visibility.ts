import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { VectorStore } from '../retrieval/vector-store.ts';
import type { IngestJob } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';

const FIRST_INTERVAL_MS = 250;
const LONGEST_INTERVAL_MS = 2_000;

interface Question {
  store: VectorStore;
  namespace: string;
  receipt: string;
  askers: { job: IngestJob; store: string }[];
}

/**
 * Asks the stores again and again whether queries see what the jobs have written, and notes which do, until the jobs
 * are content or the budget is spent.
 */
export async function awaitVisibility(
  services: IngestServices,
  jobs: IngestJob[],
  isContent: (job: IngestJob) => boolean,
): Promise<void> {
  const { clock, settings, wait } = services;
  const budget = deadlineIn(clock, Math.min(settings.confirmBudgetMs, settings.leaseMs / 2));
  let intervalMs = FIRST_INTERVAL_MS;
  let questions = openQuestions(services, jobs);
  while (questions.length > 0) {
    await Promise.all(questions.map((question) => ask(question, budget)));
    const discontent = jobs.filter((job) => !isContent(job));
    questions = openQuestions(services, discontent);
    if (questions.length === 0 || budget.remainingMs() <= intervalMs) break;
    await wait(intervalMs);
    intervalMs = Math.min(LONGEST_INTERVAL_MS, 2 * intervalMs);
  }
}

/** Asks each store a single time, and notes which show what the jobs have written. */
export async function askOnce(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const deadline = stepDeadline(services);
  await Promise.all(openQuestions(services, jobs).map((question) => ask(question, deadline)));
}

/** How many vector stores are known to show to queries what the job has written. */
export function confirmedStores({ stores }: IngestServices, job: IngestJob): number {
  return stores.filter((store) => job.holdings.get(store.name)?.confirmed === true).length;
}

// Documents written by the same call share its receipt, and are asked about once.
function openQuestions({ stores }: IngestServices, jobs: IngestJob[]): Question[] {
  const questions = new Map<string, Question>();
  for (const job of jobs) {
    for (const store of stores) {
      const held = job.holdings.get(store.name);
      if (held === undefined || held.confirmed) continue;
      const { namespace } = job.record;
      const key = JSON.stringify([store.name, namespace, held.receipt]);
      const question = questions.get(key) ?? { store, namespace, receipt: held.receipt, askers: [] };
      question.askers.push({ job, store: store.name });
      questions.set(key, question);
    }
  }
  return [...questions.values()];
}

async function ask({ store, namespace, receipt, askers }: Question, budget: Deadline): Promise<void> {
  const visible = await store.isVisible(namespace, receipt, budget);
  // A store that cannot say is asked again: it has taken the write.
  if (!visible.ok || !visible.value) return;
  for (const { job, store: name } of askers) {
    const held = job.holdings.get(name);
    if (held !== undefined) job.holdings.set(name, { ...held, confirmed: true });
  }
}
