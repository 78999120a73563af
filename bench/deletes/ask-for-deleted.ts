import type { Connection } from '../../scripts/api-client.ts';
import { runOpenLoop } from '../load/open-loop.ts';
import { request } from '../stack/requests.ts';

/** Every way to ask that could still find it. */
export const WAYS = [
  { route: 'search', body: { topK: 20 } },
  { route: 'search', body: { topK: 20, cache: 'no-store' } },
  { route: 'search', body: { topK: 20, cache: 'no-store', retrieval: 'vector' } },
  { route: 'search', body: { topK: 20, cache: 'no-store', retrieval: 'lexical' } },
  { route: 'search', body: { topK: 20, cache: 'reload' } },
  { route: 'answer', body: {} },
  { route: 'answer', body: { cache: 'no-store' } },
  { route: 'answer', body: { cache: 'no-store', generation: 'extractive' } },
  { route: 'answer', body: { generation: 'none' } },
  { route: 'answer', body: { retrieval: 'vector' } },
] as const;

export interface AskingFor {
  stack: Connection;
  namespace: string;
  question: string;
  /** What no answer may hold any more: ids of documents, names that only they have. */
  traces: readonly string[];
  /** Its namespace is deleted with it: then 404 is an answer without it. */
  mayVanish: boolean;
  signal: AbortSignal;
}

export interface Asked {
  requests: number;
  /** Answers that were none: neither 200 nor, where the namespace is deleted, 404. */
  failed: number;
  /** Of the last answer that held a trace; null when none did. */
  lastSeenMs: number | null;
  /** Answers with a trace that came later than the bar. */
  seenTooLate: number;
}

/** Whether each of the ways finds what is to be deleted: only then can it be missed later. */
export async function findsInEveryWay(asking: AskingFor): Promise<boolean> {
  for (const n of WAYS.keys()) if ((await askOnce(asking, n)) !== 'seen') return false;
  return true;
}

/** Asks at a steady rate in all ways in turn. Times count from `deletedAtMs`, when the DELETE was answered. */
export async function askForDeleted(
  asking: AskingFor,
  {
    requests,
    durationMs,
    barMs,
    deletedAtMs,
  }: { requests: number; durationMs: number; barMs: number; deletedAtMs: number },
): Promise<Asked> {
  const records = await runOpenLoop({
    ratePerSecond: (requests * 1_000) / durationMs,
    durationMs,
    signal: asking.signal,
    send: async (index) => {
      const end = await askOnce(asking, index);
      return { end, atMs: performance.now() - deletedAtMs };
    },
  });
  const seen = records.filter(({ result }) => result.end === 'seen').map(({ result }) => result.atMs);
  return {
    requests: records.length,
    failed: records.filter(({ result }) => result.end === 'failed').length,
    lastSeenMs: seen.length === 0 ? null : Math.max(...seen),
    seenTooLate: seen.filter((atMs) => atMs > barMs).length,
  };
}

async function askOnce(asking: AskingFor, n: number): Promise<'seen' | 'unseen' | 'failed'> {
  const { stack, namespace, question, traces, mayVanish, signal } = asking;
  const way = WAYS[n % WAYS.length] ?? WAYS[0];
  const body = { question, ...way.body };
  const { status, json } = await request(stack, 'POST', `${namespace}/${way.route}`, { body, signal });
  if (status === 404 && mayVanish) return 'unseen';
  if (status !== 200) return 'failed';
  // An answer may say what was asked.
  const told = JSON.stringify({ ...Object(json), question: null, rewrittenQuestion: null });
  return traces.some((trace) => told.includes(trace)) ? 'seen' : 'unseen';
}
