import { runOpenLoop } from '../load/open-loop.ts';
import { type Promised, promised } from '../report.ts';
import { type EmbeddingWork, embeddingWork } from '../stack/embedding-work.ts';
import { type MadeDocument, putMade, waitUntilReady } from '../stack/requests.ts';
import { askSteadily, type IngestWorld, mergePhases, type QueryPhase, summarisePhase } from './query-load.ts';

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
  work: EmbeddingWork;
}

const MOST_OF_USUAL = 1.25;
const MOST_ADDED_MS = 10;
const MAX_MACHINE_SHARE = 0.7;

/** Asks the same questions without ingestion and during it, in turns. */
export async function measureSteady(world: IngestWorld, plan: SteadyPlan): Promise<SteadyResult> {
  const { stack, signal } = world;
  const { documents, documentsPerSecond, turns, namespace } = plan;
  const perTurn = Math.ceil(documents.length / turns);
  const durationMs = (perTurn * 1_000) / documentsPerSecond;
  const without: QueryPhase[] = [];
  const during: QueryPhase[] = [];
  const work: EmbeddingWork = { calls: 0, texts: 0, textsOnDisk: 0 };
  for (let turn = 0; turn < turns; turn++) {
    const from = turn * Math.ceil((world.queriesPerSecond * durationMs) / 1_000);
    await stack.redis('FLUSHDB');
    without.push(await askSteadily(world, durationMs, from));
    await stack.redis('FLUSHDB');
    await stack.control.resetCounters();
    const some = documents.slice(turn * perTurn, (turn + 1) * perTurn);
    const [asked] = await Promise.all([
      askSteadily(world, durationMs, from),
      runOpenLoop({
        ratePerSecond: documentsPerSecond,
        durationMs: (some.length * 1_000) / documentsPerSecond,
        signal,
        send: async (index) => {
          const document = some[index];
          if (document !== undefined) await putMade(stack, namespace, document, signal);
        },
      }),
    ]);
    during.push(asked);
    const ids = some.map(({ id }) => id);
    await waitUntilReady(stack, namespace, ids, { everywhere: true, signal });
    add(work, await embeddingWork(stack.control));
  }
  return { without: mergePhases(without), during: mergePhases(during), work };
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

function add(sum: EmbeddingWork, { calls, texts, textsOnDisk }: EmbeddingWork): void {
  sum.calls += calls;
  sum.texts += texts;
  sum.textsOnDisk += textsOnDisk;
}
