import { runOpenLoop } from '../load/open-loop.ts';
import { type Promised, promised } from '../report.ts';
import { type EmbeddingWork, embeddingWork } from '../stack/embedding-work.ts';
import { documentCounts, type MadeDocument, putMade, waitUntilReady } from '../stack/requests.ts';
import {
  askSteadily,
  type IngestWorld,
  mergePhases,
  type QueryPhase,
  summarisePhase,
  warmAnswers,
} from './query-load.ts';

export interface SteadyPlan {
  documents: readonly MadeDocument[];
  documentsPerSecond: number;
  /** Phases without and with ingestion take turns, this often: the machine drifts by itself. */
  turns: number;
  /** Where the documents go. */
  namespace: string;
}

export interface SteadyResult {
  without: QueryPhase;
  during: QueryPhase;
  /** Of the phases without ingestion, and of those with it until all of their documents were current everywhere. */
  work: { without: EmbeddingWork; during: EmbeddingWork };
  /** At the end of each phase with documents. */
  lags: Lag[];
}

/** How far ingestion is behind those who put. */
interface Lag {
  /** Documents that were not ready when the last one had been put and the last question been asked. */
  unready: number;
  /** From the last answer to a PUT until all were. */
  readyAfterMs: number;
}

const MOST_OF_USUAL = 1.25;
const MOST_ADDED_MS = 10;
const MAX_MACHINE_SHARE = 0.7;
const READY_WITHIN_MS = 30_000;

/** Asks the same questions without ingestion and during it, in turns. */
export async function measureSteady(world: IngestWorld, plan: SteadyPlan): Promise<SteadyResult> {
  const { stack, signal } = world;
  const { documents, documentsPerSecond, turns, namespace } = plan;
  const perTurn = Math.ceil(documents.length / turns);
  const durationMs = (perTurn * 1_000) / documentsPerSecond;
  const without: QueryPhase[] = [];
  const during: QueryPhase[] = [];
  const work = { without: noWork(), during: noWork() };
  const lags: Lag[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const from = turn * Math.ceil((world.queriesPerSecond * durationMs) / 1_000);
    await warmAnswers(world);
    await stack.redis('FLUSHDB');
    await stack.control.resetCounters();
    without.push(await askSteadily(world, durationMs, from));
    add(work.without, await embeddingWork(stack.control));
    await stack.redis('FLUSHDB');
    await stack.control.resetCounters();
    const some = documents.slice(turn * perTurn, (turn + 1) * perTurn);
    const [asked, lastPutMs] = await Promise.all([
      askSteadily(world, durationMs, from),
      putSteadily(world, some, plan).then(() => performance.now()),
    ]);
    during.push(asked);
    const { total, ready } = await documentCounts(stack, namespace, signal);
    const ids = some.map(({ id }) => id);
    await waitUntilReady(stack, namespace, ids, { everywhere: false, signal });
    lags.push({ unready: total - ready, readyAfterMs: performance.now() - lastPutMs });
    await waitUntilReady(stack, namespace, ids, { everywhere: true, signal });
    add(work.during, await embeddingWork(stack.control));
  }
  return { without: mergePhases(without), during: mergePhases(during), work, lags };
}

async function putSteadily(
  { stack, signal }: IngestWorld,
  documents: readonly MadeDocument[],
  { namespace, documentsPerSecond }: SteadyPlan,
): Promise<void> {
  await runOpenLoop({
    ratePerSecond: documentsPerSecond,
    durationMs: (documents.length * 1_000) / documentsPerSecond,
    signal,
    send: async (index) => {
      const document = documents[index];
      if (document !== undefined) await putMade(stack, namespace, document, signal);
    },
  });
}

/** That no machine's own model was measured. */
export function vectorPromises({ work }: SteadyResult): Promised[] {
  const computed = (phase: string, { texts, textsOnDisk }: EmbeddingWork) =>
    promised(`texts embedded anew ${phase}`, texts - textsOnDisk, 'texts', '= 0', texts === textsOnDisk);
  return [computed('without ingestion', work.without), computed('during ingestion', work.during)];
}

/** That ingestion kept up: one that fell behind slows nobody. */
export function paceMet(name: string, { lags }: SteadyResult): Promised {
  const longestMs = Math.max(...lags.map(({ readyAfterMs }) => readyAfterMs));
  return promised(
    `${name}: until all documents were ready after the last PUT`,
    longestMs / 1_000,
    's',
    `≤ ${READY_WITHIN_MS / 1_000}`,
    longestMs <= READY_WITHIN_MS,
  );
}

export function steadyPromises({ without, during }: SteadyResult): Promised[] {
  const [usualMs, duringMs] = [summarisePhase(without).all.p95Ms, summarisePhase(during).all.p95Ms];
  const mostMs = Math.max(MOST_OF_USUAL * usualMs, usualMs + MOST_ADDED_MS);
  const failed = without.failed + during.failed;
  const share = (name: string, { machineShare }: QueryPhase) =>
    promised(
      `processors of the machine, ${name}`,
      machineShare * 100,
      '%',
      `≤ ${MAX_MACHINE_SHARE * 100}`,
      machineShare <= MAX_MACHINE_SHARE,
    );
  return [
    promised(
      'P95 of uncached questions during ingestion',
      duringMs,
      'ms',
      `≤ ${mostMs.toFixed(1)} (${usualMs.toFixed(1)} without)`,
      duringMs <= mostMs,
    ),
    promised('questions that failed', failed, 'questions', '= 0', failed === 0),
    share('without ingestion', without),
    share('during ingestion', during),
  ];
}

function noWork(): EmbeddingWork {
  return { calls: 0, texts: 0, textsOnDisk: 0 };
}

function add(sum: EmbeddingWork, { calls, texts, textsOnDisk }: EmbeddingWork): void {
  sum.calls += calls;
  sum.texts += texts;
  sum.textsOnDisk += textsOnDisk;
}
