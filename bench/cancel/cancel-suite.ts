import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { type Measurement, promised } from '../report.ts';
import { type BenchStack, measureOnStack } from '../stack/bench-stack.ts';
import { makeText } from '../stack/made-documents.ts';
import { putAll, requestFor, waitUntilReady } from '../stack/requests.ts';
import { defineSuite } from '../suite.ts';
import { type Left, leaveStream, MOMENTS } from './leave-stream.ts';

const STREAMS = 200;
const AT_ONCE = 8;
const SENTENCES = 10;
const TOKEN_DELAY_MS = 10;
const STOPPED_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 10;
const GENERATE = 'ai:primary/generate';

const options = {
  streams: { type: 'string', value: 'NUMBER', description: 'that are left', default: String(STREAMS) },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/cancel)' },
} as const satisfies OptionSpecs;

export const cancelSuite = defineSuite({
  name: 'cancel',
  summary: `Leave streamed answers at random moments, ${AT_ONCE} at a time; look for models that go on, and for parts of answers that are kept.`,
  arguments: '[options]',
  options,
  examples: ['npm run bench -- cancel', 'npm run bench -- cancel --streams 40 --seed 7'],
  measure: ({ options: chosen, output }, seed) => {
    const streams = Number(chosen.streams);
    if (!Number.isSafeInteger(streams) || streams < 1) throw new UsageError(`--streams ${chosen.streams} is no number`);
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'cancel');
    const stackOptions = { stateDir, output, breakableBindings: false, tokenDelayMs: TOKEN_DELAY_MS };
    return measureOnStack(stackOptions, (stack, signal) => measureCancel({ stack, output, seed, signal }, streams));
  },
});

interface World {
  stack: BenchStack;
  output: Output;
  seed: number;
  signal: AbortSignal;
}

interface Batch {
  left: Left[];
  /** From the last one's leaving until no model wrote any more; null when one still did after a second. */
  stoppedAfterMs: number | null;
  /** Questions whose next answer is not what it is without anybody leaving. */
  damaged: string[];
}

async function measureCancel(world: World, streams: number): Promise<Measurement> {
  const { stack, output, seed, signal } = world;
  const namespace = `cancel-${Date.now().toString(36)}`;
  const random = createSeededRandom(seed, 'cancel');
  const documents = Array.from({ length: Math.ceil(streams / SENTENCES) }, (_, n) => ({
    id: `document-${n}.md`,
    text: makeText(n, SENTENCES, random),
  }));
  const questions = documents.flatMap(({ text }) => text.sentences).slice(0, streams);
  await putAll(stack, namespace, documents, signal);
  await waitUntilReady(
    stack,
    namespace,
    documents.map(({ id }) => id),
    { everywhere: true, signal },
  );
  await stack.control.resetCounters();
  const batches: Batch[] = [];
  let models = { received: 0, cancelled: 0 };
  for (let at = 0; at < questions.length; at += AT_ONCE) {
    const asked = questions.slice(at, at + AT_ONCE).map((question, n) => {
      const moment = MOMENTS[(at + n) % MOMENTS.length] ?? MOMENTS[0];
      return { namespace, question, moment, chance: random() };
    });
    const left = await Promise.all(asked.map((one) => leaveStream(stack, one, signal)));
    const stoppedAfterMs = await untilStopped(stack, Math.max(...left.map(({ atMs }) => atMs)));
    models = await countModels(stack, models);
    batches.push({ left, stoppedAfterMs, damaged: await findDamaged(world, namespace, asked) });
    await stack.control.resetCounters();
    output.line(`${at + asked.length} of ${questions.length} left`);
  }
  return describe(batches, models);
}

/** Looks for a whole second: whoever left early may have a model started for it later. */
async function untilStopped({ control }: BenchStack, leftAtMs: number): Promise<number | null> {
  let lastSeenAtMs = leftAtMs;
  while (performance.now() - leftAtMs < STOPPED_WITHIN_MS) {
    const lookedAtMs = performance.now();
    if (((await control.counters()).waiting[GENERATE] ?? 0) > 0) lastSeenAtMs = lookedAtMs;
    await sleep(LOOK_EVERY_MS);
  }
  const goesOn = ((await control.counters()).waiting[GENERATE] ?? 0) > 0;
  return goesOn ? null : lastSeenAtMs - leftAtMs;
}

async function countModels({ control }: BenchStack, before: { received: number; cancelled: number }) {
  const { calls } = await control.counters();
  const own = calls.filter(({ service, operation }) => service === 'ai' && operation === 'generate');
  return {
    received: own.reduce((sum, { received }) => sum + received, before.received),
    cancelled: own.reduce((sum, { cancelled }) => sum + cancelled, before.cancelled),
  };
}

const answerSchema = z.object({ answer: z.string(), citations: z.array(z.unknown()), generation: z.literal('model') });

async function findDamaged(
  { stack, signal, output }: World,
  namespace: string,
  asked: { question: string }[],
): Promise<string[]> {
  const ask = async (question: string, cache: 'default' | 'no-store') => {
    const body = { question, cache };
    const { json } = await requestFor([200], stack, 'POST', `${namespace}/answer`, { body, signal });
    const { answer, citations } = answerSchema.parse(json);
    return JSON.stringify({ answer, citations });
  };
  const damaged: string[] = [];
  for (const { question } of asked) {
    const [again, whole] = [await ask(question, 'default'), await ask(question, 'no-store')];
    if (again === whole) continue;
    damaged.push(question);
    output.line(`Not whole: ${again}\ninstead of ${whole}`);
  }
  return damaged;
}

function describe(batches: Batch[], models: { received: number; cancelled: number }): Measurement {
  const left = batches.flatMap((batch) => batch.left);
  const goneOn = batches.filter(({ stoppedAfterMs }) => stoppedAfterMs === null).length;
  const slowestMs = Math.max(...batches.map(({ stoppedAfterMs }) => stoppedAfterMs ?? Number.POSITIVE_INFINITY));
  // Who saw an answer's end had a model that wrote to its end; of all others, none should have.
  const whole = left.filter(({ seen }) => seen.includes('done')).length;
  const unread = models.received - models.cancelled - whole;
  const damaged = batches.flatMap((batch) => batch.damaged).length;
  const early = left.filter(({ moment, seen }) => moment !== 'at its end' && !seen.includes('done')).length;
  const wantedEarly = left.filter(({ moment }) => moment !== 'at its end').length;
  const share = early / Math.max(1, wantedEarly);
  return {
    promises: [
      promised('models that still wrote 1 s after all had left', goneOn, 'batches', '= 0', goneOn === 0),
      promised('models that wrote to an end nobody read', unread, 'models', '= 0', unread === 0),
      promised('answers that were kept in part', damaged, 'answers', '= 0', damaged === 0),
      promised('of those meant to be left early, left early', share, '', '≥ 0.9', share >= 0.9),
    ],
    profile: `no added latency; ${TOKEN_DELAY_MS} ms before each token`,
    table: [
      ['left', 'streams', 'with sources', 'with text', 'whole'],
      ...MOMENTS.map((moment) => {
        const own = left.filter((one) => one.moment === moment);
        const having = (type: string) => String(own.filter(({ seen }) => seen.includes(type)).length);
        return [moment, String(own.length), having('sources'), having('delta'), having('done')];
      }),
      ['models: asked, stopped', String(models.received), String(models.cancelled), '', ''],
      ['slowest stop, ms', Number.isFinite(slowestMs) ? String(Math.round(slowestMs)) : '> 1000', '', '', ''],
    ],
    raw: { batches, models },
  };
}
