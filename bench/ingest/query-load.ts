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

/**
 * Asks every question, until the local cloud has on its disk all their vectors and those of what its model reads: the first
 * time may take too long for one.
 */
export async function warmQuestions({ stack, namespace, questions, signal }: IngestWorld): Promise<void> {
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
  const machineShare = watchMachine();
  const records = await runOpenLoop({
    ratePerSecond: queriesPerSecond,
    durationMs,
    random: createSeededRandom(seed, `questions from ${from}`),
    signal,
    send: async (index) => {
      const question = questions[(from + index) % questions.length];
      const body = { question, cache: 'no-store' };
      const route = isSearch(index) ? 'search' : 'answer';
      const { status } = await request(stack, 'POST', `${namespace}/${route}`, { body, signal });
      return status === 200;
    },
  });
  const latencies = (wanted: boolean) =>
    records.filter(({ index, result }) => result && isSearch(index) === wanted).map(({ latencyMs }) => latencyMs);
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

function isSearch(index: number): boolean {
  return index % 2 === 0;
}
