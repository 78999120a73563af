import { join } from 'node:path';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { percentile } from '../load/latency-summary.ts';
import { type Measurement, promised } from '../report.ts';
import { type BenchStack, measureOnStack } from '../stack/bench-stack.ts';
import { makeText } from '../stack/made-documents.ts';
import { putAll, waitUntilReady } from '../stack/requests.ts';
import { readStreamedAnswer, type TimedEvent } from '../stack/streamed-answer.ts';
import { defineSuite } from '../suite.ts';
import { gapsOf, readDirectGaps } from './direct-gaps.ts';

const STREAMS = 60;
const WARM_UP = 10;
const SENTENCES = 10;
const TOKEN_DELAY_MS = 20;
const FIRST_BYTE_WITHIN_MS = 50;
const ADDED_GAP_MS = 5;

const options = {
  streams: {
    type: 'string',
    value: 'NUMBER',
    description: 'that are read, one after the other',
    default: String(STREAMS),
  },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/stream)' },
} as const satisfies OptionSpecs;

export const streamSuite = defineSuite({
  name: 'stream',
  summary: 'Read streamed answers as a client does: when their first byte comes, and how far apart their tokens are.',
  arguments: '[options]',
  options,
  examples: ['npm run bench -- stream', 'npm run bench -- stream --streams 200 --json stream.json'],
  measure: ({ options: chosen, output }, seed) => {
    const streams = Number(chosen.streams);
    if (!Number.isSafeInteger(streams) || streams < 1) throw new UsageError(`--streams ${chosen.streams} is no number`);
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'stream');
    const stackOptions = { stateDir, output, breakableBindings: false, tokenDelayMs: TOKEN_DELAY_MS };
    return measureOnStack(stackOptions, (stack, signal) => measureStreams(stack, { streams, seed, signal }));
  },
});

interface Streamed {
  firstByteMs: number;
  /** As the answer says it. */
  retrievalMs: number;
  firstDeltaMs: number;
  gapsMs: number[];
}

async function measureStreams(
  stack: BenchStack,
  { streams, seed, signal }: { streams: number; seed: number; signal: AbortSignal },
): Promise<Measurement> {
  const namespace = `stream-${Date.now().toString(36)}`;
  const random = createSeededRandom(seed, 'stream');
  const count = Math.ceil((streams + WARM_UP) / SENTENCES);
  const documents = Array.from({ length: count }, (_, n) => ({
    id: `document-${n}.md`,
    text: makeText(n, SENTENCES, random),
  }));
  const ids = documents.map(({ id }) => id);
  await putAll(stack, namespace, documents, signal);
  await waitUntilReady(stack, namespace, ids, { everywhere: true, signal });
  const [model = ''] = stack.deployment.generators;
  const questions = documents.flatMap(({ text }) => text.sentences);
  const all: Streamed[] = [];
  const directMs: number[] = [];
  for (const [n, question] of questions.slice(0, streams + WARM_UP).entries()) {
    const streamed = await readOne(stack, namespace, question, signal);
    const direct = await readDirectGaps(stack.cloudUrl, model, signal);
    if (n < WARM_UP) continue;
    all.push(streamed);
    directMs.push(...direct);
  }
  return describe(all, directMs);
}

async function readOne(stack: BenchStack, namespace: string, question: string, signal: AbortSignal): Promise<Streamed> {
  let firstByteMs = 0;
  const events: TimedEvent[] = [];
  const asked = { namespace, body: { question, cache: 'no-store' as const }, signal };
  const hear = (atMs: number) => {
    firstByteMs = atMs;
  };
  for await (const event of readStreamedAnswer(stack, asked, hear)) events.push(event);
  const deltas = events.filter(({ event }) => event.type === 'delta').map(({ atMs }) => atMs);
  const last = events.at(-1)?.event;
  if (last?.type !== 'done') throw new Error(`the stream ended with ${last?.type}`);
  const { retrievalMs } = last.answer.timings;
  return { firstByteMs, retrievalMs, firstDeltaMs: deltas[0] ?? 0, gapsMs: gapsOf(deltas) };
}

function describe(all: Streamed[], directMs: number[]): Measurement {
  // Also what comes before retrieval is in it: the request's way, its key, and the look-up in the caches.
  const waits = all.map(({ firstByteMs, retrievalMs }) => Math.max(0, firstByteMs - retrievalMs));
  const gaps = all.flatMap(({ gapsMs }) => gapsMs);
  const addedMs = percentile(gaps, 0.95) - percentile(directMs, 0.95);
  const waitMs = percentile(waits, 0.95);
  const row = (name: string, values: number[]) => [
    name,
    ...[0.5, 0.95, 0.99].map((share) => percentile(values, share).toFixed(1)),
  ];
  return {
    promises: [
      promised(
        'first byte, beside retrieval, P95',
        waitMs,
        'ms',
        `≤ ${FIRST_BYTE_WITHIN_MS}`,
        waitMs <= FIRST_BYTE_WITHIN_MS,
      ),
      promised('added between tokens, P95', addedMs, 'ms', `≤ ${ADDED_GAP_MS}`, addedMs <= ADDED_GAP_MS),
    ],
    profile: `no added latency; ${TOKEN_DELAY_MS} ms before each token`,
    table: [
      [`${all.length} streams, ms`, 'P50', 'P95', 'P99'],
      row(
        'retrieval',
        all.map(({ retrievalMs }) => retrievalMs),
      ),
      row('first byte, beside retrieval', waits),
      row(
        'first text',
        all.map(({ firstDeltaMs }) => firstDeltaMs),
      ),
      row('between tokens', gaps),
      row('between tokens, from the model itself', directMs),
    ],
    raw: { all, directMs },
  };
}
