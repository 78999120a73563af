import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailure } from '../../scripts/command.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import { askOnce, type Reply, type TimedQuestion } from '../load/timed-answer.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import type { AskedQuestion, Bars } from './verdict.ts';

/** A running stack with documents in it, and questions whose healthy answers are known. */
export interface ChaosWorld {
  stack: BenchStack;
  namespace: string;
  questions: QuestionPools;
  bars: Bars;
  ratePerSecond: number;
  /** Aborted, every question under way rejects. */
  signal: AbortSignal;
}

export type AskOptions = Omit<TimedQuestion['body'], 'question'>;

/** For what the caches would hide. */
export const UNCACHED: AskOptions = { cache: 'no-store' };

export interface QuestionPools {
  /** Their vectors are in Redis when a cell begins. */
  known: string[];
  /** Their vectors are on the local cloud's disk, as those of every question, but in no cache. */
  fresh: string[];
}

export type Asker = (index: number) => Promise<AskedQuestion>;

/** A little more than the service itself may take: whoever waits longer has been left hanging. */
const PATIENCE_BEYOND_DEADLINE_MS = 1_000;
const ASKED_AT_ONCE = 15;
const CACHED_WITHIN_MS = 20_000;
const PAUSE_MS = 200;
// 8 is what questions ask for by default, 100 the most they may.
const FIRST_OTHER_TOP_K = 9;
const OTHER_TOP_KS = 92;

export function ask(
  {
    stack,
    namespace,
    bars,
    signal,
  }: Pick<ChaosWorld, 'stack' | 'namespace' | 'signal'> & {
    bars: Pick<Bars, 'requestDeadlineMs'>;
  },
  question: string,
  options: AskOptions = {},
): Promise<Reply> {
  // Of a stream the first word has to come within the deadline; after it the model may still fall silent.
  const afterFirstMs = options.stream === true ? stack.deployment.generationIdleMs : 0;
  const timeoutMs = bars.requestDeadlineMs + afterFirstMs + PATIENCE_BEYOND_DEADLINE_MS;
  return askOnce(stack, { namespace, body: { question, ...options }, timeoutMs, signal });
}

/**
 * Empties the caches and asks the known questions until what was found for them, and for no others, is kept. Their
 * whole answers are not: those are made, and kept, in the cell.
 */
export async function renewCaches(world: ChaosWorld, options: AskOptions = {}, alsoStreams = false): Promise<Asker> {
  await world.stack.redis('FLUSHDB');
  await purge(world);
  await askForHits(world, world.questions.known);
  const giveUpAt = performance.now() + CACHED_WITHIN_MS;
  let unknown = await askForHits(world, world.questions.known);
  // A cache that was too slow to be read is not written to either.
  while (unknown.length > 0) {
    if (performance.now() > giveUpAt) throw new CommandFailure('What was found for known questions is not kept.');
    await sleep(PAUSE_MS, undefined, { signal: world.signal });
    unknown = await askForHits(world, unknown);
  }
  return createAsker(world, options, alsoStreams);
}

/** Asks each once; those that were not answered from the cache. */
async function askForHits(world: ChaosWorld, questions: readonly string[]): Promise<string[]> {
  const missed: string[] = [];
  await forEachConcurrently(questions, ASKED_AT_ONCE, async (question) => {
    const reply = await ask(world, question, { generation: 'none' });
    if (reply.kind !== 'answered') throw new CommandFailure(`Without any fault, a question ended as ${reply.kind}.`);
    if (reply.cache.response !== 'hit') missed.push(question);
  });
  return missed;
}

async function purge({ stack, namespace, signal }: ChaosWorld): Promise<void> {
  const init = { method: 'DELETE', headers: { authorization: `Bearer ${stack.key}` }, signal };
  const purged = await fetch(`${stack.url}/v1/namespaces/${namespace}/cache`, init);
  if (!purged.ok) throw new CommandFailure(`The caches were not purged: ${purged.status}.`);
}

/** Questions that are in no cache but ask every one of them: each wants another number of passages. */
export function createUnknownAsker(world: ChaosWorld): Asker {
  const { fresh } = world.questions;
  let turns = 0;
  return async () => {
    const turn = turns++;
    const question = fresh[turn % fresh.length] ?? '';
    const reply = await ask(world, question, { topK: FIRST_OTHER_TOP_K + (turn % OTHER_TOP_KS) });
    return { question, isNew: true, reply };
  };
}

/** Half known, half never asked before, by turns; with streams, every other one of each. */
function createAsker(world: ChaosWorld, options: AskOptions, alsoStreams: boolean): Asker {
  const { known, fresh } = world.questions;
  let turns = 0;
  return async () => {
    const turn = turns++;
    const n = Math.floor(turn / 2);
    const isFresh = turn % 2 === 1;
    const pool = isFresh ? fresh : known;
    const question = pool[n % pool.length] ?? '';
    const isStream = alsoStreams && n % 2 === 1;
    const reply = await ask(world, question, { ...options, stream: isStream });
    return { question, isNew: isFresh && n < fresh.length, isStream, reply };
  };
}
