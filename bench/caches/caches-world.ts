import { CommandFailure } from '../../scripts/command.ts';
import { askOnce, type Reply } from '../load/timed-answer.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import type { Document } from '../stack/collection.ts';

/** A running stack, a namespace with documents in it, and questions about them. */
export interface CachesWorld {
  stack: BenchStack;
  namespace: string;
  /** What the questions are about. */
  documents: readonly Document[];
  questions: string[];
  seed: number;
  signal: AbortSignal;
}

/** How the whole answers to a number of questions were served. */
export interface ServedTally {
  asked: number;
  hits: number;
  stale: number;
  misses: number;
  failed: number;
}

const PATIENCE_MS = 15_000;

export function ask(
  { stack, namespace, signal }: CachesWorld,
  question: string,
  options: { cache?: 'default' | 'no-store' } = {},
): Promise<Reply> {
  return askOnce(stack, { namespace, body: { question, ...options }, timeoutMs: PATIENCE_MS, signal });
}

/** Nothing is left of what was asked before. */
export async function emptyCaches({ stack, namespace, signal }: CachesWorld): Promise<void> {
  await stack.redis('FLUSHDB');
  const init = { method: 'DELETE', headers: { authorization: `Bearer ${stack.key}` }, signal };
  const purged = await fetch(`${stack.url}/v1/namespaces/${namespace}/cache`, init);
  if (!purged.ok) throw new CommandFailure(`The caches were not purged: ${purged.status}.`);
}

export function tallyServed(replies: readonly Reply[]): ServedTally {
  const served = replies.flatMap((reply) => (reply.kind === 'answered' ? [reply.cache.response] : []));
  const count = (outcome: string) => served.filter((one) => one === outcome).length;
  const [hits, stale] = [count('hit'), count('stale')];
  return {
    asked: replies.length,
    hits,
    stale,
    misses: served.length - hits - stale,
    failed: replies.length - served.length,
  };
}

const MOST_SHOWN = 10;

/** Some of those that were not answered, to see why. */
export function failuresAmong(replies: readonly Reply[]): Reply[] {
  return replies.filter(({ kind }) => kind !== 'answered').slice(0, MOST_SHOWN);
}

/** Answered from the cache, of all that were asked. */
export function hitRatio({ asked, hits, stale }: ServedTally): number {
  return asked === 0 ? 0 : (hits + stale) / asked;
}
