import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import { type LatencySummary, summariseLatencies } from '../load/latency-summary.ts';
import { runOpenLoop } from '../load/open-loop.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import { embeddingWork } from '../stack/embedding-work.ts';
import { request, requestFor } from '../stack/requests.ts';
import { watchMachine } from './machine-load.ts';

export interface IngestWorld {
  stack: BenchStack;
  /** Where the questions are asked. */
  namespace: string;
  questions: readonly string[];
  queriesPerSecond: number;
  seed: number;
  signal: AbortSignal;
}

/** What askers met in one phase. */
export interface QueryPhase {
  searchesMs: number[];
  answersMs: number[];
  failed: number;
  /** Of all processors, 0 to 1. */
  machineShare: number;
}

const WARMED_AT_ONCE = 2;
const MOST_ROUNDS = 3;

/** Has the vectors of all questions on the local cloud's disk, and those of what their answers read and say. */
export async function warmQuestions(world: IngestWorld): Promise<void> {
  await answerUntilKnown(world, world.questions);
}

/**
 * The same for those that are answered, as things are now: how much a word tells is known for the whole database
 * (docs/retrieval.md), so that documents of another namespace make one answer in a hundred read another passage.
 */
export async function warmAnswers(world: IngestWorld): Promise<void> {
  await answerUntilKnown(
    world,
    world.questions.filter((_, question) => !isSearched(question)),
  );
}

// The first time a text may take too long for an answer to wait for it.
async function answerUntilKnown(world: IngestWorld, questions: readonly string[]): Promise<void> {
  const { stack, namespace, signal } = world;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await stack.redis('FLUSHDB');
    await stack.control.resetCounters();
    await forEachConcurrently([...questions], WARMED_AT_ONCE, async (question) => {
      const body = { question, cache: 'no-store' };
      await requestFor([200], stack, 'POST', `${namespace}/answer`, { body, signal });
    });
    const { texts, textsOnDisk } = await embeddingWork(stack.control);
    if (texts === textsOnDisk) return;
  }
}

/**
 * Uncached searches and answers in turn, for as long, at moments of their own: at even intervals they would meet those of
 * the documents always, or never.
 */
export async function askSteadily(world: IngestWorld, durationMs: number, from: number): Promise<QueryPhase> {
  const { stack, namespace, questions, queriesPerSecond, seed, signal } = world;
  const numberOf = (index: number) => (from + index) % questions.length;
  const machineShare = watchMachine();
  const records = await runOpenLoop({
    ratePerSecond: queriesPerSecond,
    durationMs,
    random: createSeededRandom(seed, `questions from ${from}`),
    signal,
    send: async (index) => {
      const number = numberOf(index);
      const body = { question: questions[number], cache: 'no-store' };
      const route = isSearched(number) ? 'search' : 'answer';
      const { status } = await request(stack, 'POST', `${namespace}/${route}`, { body, signal });
      return status === 200;
    },
  });
  const latencies = (wanted: boolean) =>
    records
      .filter(({ index, result }) => result && isSearched(numberOf(index)) === wanted)
      .map(({ latencyMs }) => latencyMs);
  return {
    searchesMs: latencies(true),
    answersMs: latencies(false),
    failed: records.filter(({ result }) => !result).length,
    machineShare: machineShare(),
  };
}

/** Phases of the same kind as one. */
export function mergePhases(phases: readonly QueryPhase[]): QueryPhase {
  return {
    searchesMs: phases.flatMap(({ searchesMs }) => searchesMs),
    answersMs: phases.flatMap(({ answersMs }) => answersMs),
    failed: phases.reduce((sum, { failed }) => sum + failed, 0),
    machineShare: phases.reduce((sum, { machineShare }) => sum + machineShare, 0) / Math.max(1, phases.length),
  };
}

export function summarisePhase({
  searchesMs,
  answersMs,
}: QueryPhase): Record<'all' | 'searches' | 'answers', LatencySummary> {
  return {
    all: summariseLatencies([...searchesMs, ...answersMs]),
    searches: summariseLatencies(searchesMs),
    answers: summariseLatencies(answersMs),
  };
}

function isSearched(question: number): boolean {
  return question % 2 === 0;
}
