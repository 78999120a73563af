import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { CommandFailure, type OptionSpecs, UsageError } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { percentile } from '../load/latency-summary.ts';
import type { Measurement } from '../report.ts';
import { assumeLatencies } from '../stack/assumed-latencies.ts';
import { type BenchStack, measureOnStack } from '../stack/bench-stack.ts';
import { makeText } from '../stack/made-documents.ts';
import { putAll, waitUntilReady } from '../stack/requests.ts';
import { readStreamedAnswer } from '../stack/streamed-answer.ts';
import { defineSuite } from '../suite.ts';
import { describeCancel, type JudgedWave } from './describe-cancel.ts';
import { type Leaver, leaveTogether } from './leave-wave.ts';
import { lookAgain } from './look-again.ts';

const ANSWERS = 200;
const AT_ONCE = 8;
/** Every fourth answer is asked for as a whole. */
const WHOLE_EVERY = 4;
const LIVES = 2 * AT_ONCE;
const ASKED_EVERY_MS = 150;
const SENTENCES = 10;
const TOKEN_DELAY_MS = 10;
const QUIET_MS = 2_000;
const QUIET_WITHIN_MS = 60_000;
// What isolates read for all their requests is read beside them and not for one of them: as seldom as can be set.
const VARIABLES = Object.fromEntries(
  ['OPERATOR_FLAGS', 'NAMESPACE_STATE'].flatMap((name) => [
    [`${name}_REFRESH_MS`, '60000'],
    [`${name}_TRUST_MS`, '60000'],
  ]),
);

const options = {
  answers: { type: 'string', value: 'NUMBER', description: 'that are left', default: String(ANSWERS) },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/cancel)' },
} as const satisfies OptionSpecs;

export const cancelSuite = defineSuite({
  name: 'cancel',
  summary: `Leave answers at random moments of their life, ${AT_ONCE} at a time; look for upstream calls that begin or go on after that, and for parts of answers that are kept.`,
  arguments: '[options]',
  options,
  examples: ['npm run bench -- cancel', 'npm run bench -- cancel --answers 40 --seed 7'],
  measure: ({ options: chosen, output }, seed) => {
    const answers = Number(chosen.answers);
    if (!Number.isSafeInteger(answers) || answers < 1) throw new UsageError(`--answers ${chosen.answers} is no number`);
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'cancel');
    const stackOptions = { stateDir, output, variables: VARIABLES, tokenDelayMs: TOKEN_DELAY_MS };
    return measureOnStack(stackOptions, (stack, signal) => measureCancel({ stack, output, seed, signal }, answers));
  },
});

export interface CancelWorld {
  stack: BenchStack;
  output: Output;
  seed: number;
  signal: AbortSignal;
}

async function measureCancel(world: CancelWorld, answers: number): Promise<Measurement> {
  const { stack, output, seed, signal } = world;
  const namespace = `cancel-${Date.now().toString(36)}`;
  const random = createSeededRandom(seed, 'cancel');
  const questions = await prepare(world, { namespace, count: 2 * LIVES + answers, random });
  // The local model embeds each sentence once: the first answers take longer than all others.
  await measureLife(world, namespace, questions.splice(0, LIVES));
  const lifeMs = await measureLife(world, namespace, questions.splice(0, LIVES));
  const waves: JudgedWave[] = [];
  for (let at = 0; at < answers; at += AT_ONCE) {
    const leavers = questions.slice(at, at + AT_ONCE).map((question, n): Leaver => {
      const form = (at + n) % WHOLE_EVERY === 0 ? 'whole' : 'stream';
      return { id: `${namespace}-${at + n}`, namespace, question, form, afterMs: random() * lifeMs };
    });
    const wave = await leaveTogether(stack, leavers, signal);
    const answered = await Promise.all(wave.left.map((left) => lookAgain(world, left)));
    for (const { damage } of answered) if (damage !== null) output.line(damage);
    waves.push({ ...wave, answered });
    output.line(`${at + leavers.length} of ${answers} left`);
  }
  return describeCancel(waves, {
    lifeMs,
    profile: `assumed production latencies, ${TOKEN_DELAY_MS} ms before each token`,
  });
}

/** Documents, a sentence of them for each question, and services as slow as real ones. */
async function prepare(
  { stack, signal }: CancelWorld,
  { namespace, count, random }: { namespace: string; count: number; random: () => number },
): Promise<string[]> {
  const documents = Array.from({ length: Math.ceil(count / SENTENCES) }, (_, n) => ({
    id: `document-${n}.md`,
    text: makeText(n, SENTENCES, random),
  }));
  await putAll(stack, namespace, documents, signal);
  const ids = documents.map(({ id }) => id);
  await waitUntilReady(stack, namespace, ids, { everywhere: true, signal });
  stack.stopSweeping();
  await waitUntilQuiet(stack, signal);
  await assumeLatencies(stack.control);
  return documents.flatMap(({ text }) => text.sentences).slice(0, count);
}

/** Until ingestion, which calls the same services, has nothing left to do. */
async function waitUntilQuiet({ control }: BenchStack, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < QUIET_WITHIN_MS; waitedMs += QUIET_MS) {
    await control.resetCounters();
    await sleep(QUIET_MS, undefined, { signal });
    if ((await control.calls()).length === 0) return;
  }
  throw new CommandFailure('The services of the local cloud are called although nobody asks anything.');
}

/** How long most answers take that nobody leaves, asked one after the other as those that are left later. */
async function measureLife({ stack, signal }: CancelWorld, namespace: string, questions: string[]): Promise<number> {
  const livesMs: number[] = [];
  const asking = questions.map(async (question, n) => {
    await sleep(n * ASKED_EVERY_MS, undefined, { signal });
    for await (const { event, atMs } of readStreamedAnswer(stack, { namespace, body: { question }, signal })) {
      if (event.type === 'done') livesMs.push(atMs);
    }
  });
  await Promise.all(asking);
  return percentile(livesMs, 0.75);
}
