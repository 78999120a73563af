import { join } from 'node:path';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import type { Measurement } from '../report.ts';
import { type BenchStack, measureOnStack } from '../stack/bench-stack.ts';
import { namespaceFor, putDocuments, readDocuments } from '../stack/collection.ts';
import type { EmbeddingWork } from '../stack/embedding-work.ts';
import { makeText } from '../stack/made-documents.ts';
import { makeQuestions } from '../stack/questions.ts';
import { type MadeDocument, putAll, waitUntilReady } from '../stack/requests.ts';
import { defineSuite } from '../suite.ts';
import { type QueryPhase, summarisePhase, warmQuestions } from './query-load.ts';
import { callsPer1000, measureSpeed, type SpeedResult, speedPromises } from './speed-part.ts';
import { measureSteady, paceMet, type SteadyResult, steadyPromises, vectorPromises } from './steady-part.ts';

const DOCUMENTS = 2_000;
const DOCUMENTS_PER_SECOND = 5;
const QUERIES_PER_SECOND = 4;
const QUESTIONS = 400;
const TURNS = 4;
/** Of the documents, how many go into the questions' own namespace. */
const SAME_NAMESPACE_SHARE = 0.1;
// A sentence has some 130 bytes: at most 4 KB.
const SENTENCES = { fewest: 8, most: 28 };

const options = {
  documents: { type: 'string', value: 'NUMBER', description: 'of at most 4 KB', default: String(DOCUMENTS) },
  queries: { type: 'string', value: 'NUMBER', description: 'a second', default: String(QUERIES_PER_SECOND) },
  about: {
    type: 'string',
    value: 'DIR',
    description: 'Markdown the questions are about',
    default: join(PROJECT_ROOT, 'docs'),
  },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/ingest)' },
} as const satisfies OptionSpecs;

export const ingestSuite = defineSuite({
  name: 'ingest',
  summary: `Ingest documents at a steady ${DOCUMENTS_PER_SECOND}/s while questions are asked, then at full speed.
A pass over the same documents comes first, so that the local cloud has their vectors on its disk. On Linux.`,
  arguments: '[options]',
  options,
  examples: ['npm run bench -- ingest', 'npm run bench -- ingest --documents 100 --json ingest.json'],
  measure: ({ options: chosen, output }, seed) => {
    const documents = readPositive('documents', chosen.documents);
    const queriesPerSecond = readPositive('queries', chosen.queries);
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'ingest');
    return measureOnStack({ stateDir, output, breakableBindings: false }, (stack, signal) =>
      measureIngest({ stack, stateDir, queriesPerSecond, seed, output, signal }, documents, chosen.about),
    );
  },
});

interface Plan {
  stack: BenchStack;
  stateDir: string;
  queriesPerSecond: number;
  seed: number;
  output: Output;
  signal: AbortSignal;
}

async function measureIngest(plan: Plan, count: number, aboutDir: string): Promise<Measurement> {
  const { stack, seed, output, signal } = plan;
  const run = Date.now().toString(36);
  const about = readDocuments(aboutDir);
  const namespace = namespaceFor('ingest', about);
  await putDocuments(stack, namespace, about, { output, signal });
  const questions = makeQuestions(
    about.map(({ body }) => body.toString()),
    QUESTIONS,
    seed,
  );
  const documents = makeDocuments(count, seed);
  const world = { ...plan, namespace, questions };
  output.line('Warming up: the vectors of all questions and documents');
  await warmQuestions(world);
  await putAll(stack, `ingest-warm-${run}`, documents, signal);
  const ids = documents.map(({ id }) => id);
  await waitUntilReady(stack, `ingest-warm-${run}`, ids, { everywhere: true, signal });

  const pace = { documentsPerSecond: DOCUMENTS_PER_SECOND };
  output.line(`Steadily into another namespace, in ${TURNS} turns`);
  const other = await measureSteady(world, { ...pace, documents, turns: TURNS, namespace: `ingest-steady-${run}` });
  output.line('Steadily into the same namespace');
  const few = documents.slice(0, Math.ceil(count * SAME_NAMESPACE_SHARE));
  const own = few.map((document) => ({ ...document, id: `${run}/${document.id}` }));
  const same = await measureSteady(world, { ...pace, documents: own, turns: 1, namespace });
  output.line('At full speed');
  const speed = await measureSpeed(plan, `ingest-fast-${run}`, documents);
  return {
    promises: [
      ...steadyPromises(other),
      ...vectorPromises(other),
      paceMet('another namespace', other),
      // What is new in their own namespace is new to answers too: of that, only what it comes to is told.
      paceMet('the same namespace', same),
      ...speedPromises(speed),
    ],
    profile: 'no added latency; vectors of questions and documents on the local cloud’s disk',
    table: table(other, same, speed),
    raw: { other: rawOf(other), same: rawOf(same), speed },
  };
}

function makeDocuments(count: number, seed: number): MadeDocument[] {
  const random = createSeededRandom(seed, 'ingest');
  return Array.from({ length: count }, (_, n) => {
    const length = SENTENCES.fewest + Math.floor(random() * (SENTENCES.most - SENTENCES.fewest + 1));
    return { id: `steady/${n}.md`, text: makeText(n, length, random) };
  });
}

function table(other: SteadyResult, same: SteadyResult, speed: SpeedResult): string[][] {
  const { documents, chunks, seconds, work, memory } = speed;
  return [
    [
      'questions asked',
      'P50 ms',
      'P95 ms',
      'P99 ms',
      'search P95',
      'answer P95',
      'failed',
      'processors',
      'vectors on disk',
      'behind at the end',
    ],
    phaseRow('without ingestion', other.without, other.work.without, null),
    phaseRow('during, another namespace', other.during, other.work.during, other),
    phaseRow('without, before the next', same.without, same.work.without, null),
    phaseRow('during, the same namespace', same.during, same.work.during, same),
    ['', '', '', '', '', '', '', '', '', ''],
    ['at full speed', 'documents/s', 'chunks/s', 'chunks', 'calls/1,000', 'on disk', 'heap MB', 'workerd MB', '', ''],
    [
      `${documents} documents in ${seconds.toFixed(1)} s`,
      (documents / seconds).toFixed(1),
      (chunks / seconds).toFixed(1),
      String(chunks),
      callsPer1000(speed).toFixed(1),
      `${work.textsOnDisk} of ${work.texts}`,
      (memory.peakHeapBytes / 1_000_000).toFixed(1),
      (memory.peakResidentBytes / 1_000_000).toFixed(0),
      '',
      '',
    ],
  ];
}

function phaseRow(name: string, phase: QueryPhase, work: EmbeddingWork, result: SteadyResult | null): string[] {
  const { all, searches, answers } = summarisePhase(phase);
  return [
    name,
    ...[all.p50Ms, all.p95Ms, all.p99Ms, searches.p95Ms, answers.p95Ms].map((ms) => ms.toFixed(1)),
    String(phase.failed),
    `${(phase.machineShare * 100).toFixed(0)} %`,
    `${work.textsOnDisk} of ${work.texts}`,
    result === null ? '' : `${result.lags.map(({ unready }) => unready).join(', ')} documents`,
  ];
}

function rawOf({ without, during, work, lags }: SteadyResult) {
  return { lags, without, during, summary: { without: summarisePhase(without), during: summarisePhase(during) }, work };
}

function readPositive(option: string, text: string): number {
  const number = Number(text);
  if (!(number > 0 && number < 100_000)) throw new UsageError(`--${option} ${text} is no number of them`);
  return number;
}
