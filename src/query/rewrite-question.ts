import type { Generation, GenerationStep, Generator } from '../models/generator.ts';
import { type Deadline, deadlineIn, deadlineWithin } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { Degradation } from '../retrieval/degradation.ts';
import { type Ask, hasWords, normaliseQuestion, type Turn } from './ask.ts';
import type { ModelUse } from './ask-models.ts';
import { openTurns } from './generation-turns.ts';
import type { QueryServices } from './query-services.ts';
import { buildRewritePrompt } from './rewrite-prompt.ts';

/** A question of a conversation, as it can be asked without the conversation. */
export interface Rewriting {
  /** Normalised. */
  question: string;
  degraded: Degradation[];
  /** What models have used for it. */
  used: ModelUse[];
  redisCommands: number;
  durationMs: number;
}

// The answer waits for it.
const REWRITE_TIMEOUT_MS = 2_000;
const MAX_TOKENS = 120;
const MAX_CHARACTERS = 500;
const JOINED_QUESTIONS = 2;
const MAX_JOINED_CHARACTERS = 1_000;

type Written = Pick<Rewriting, 'degraded' | 'used' | 'redisCommands'> & { question: string | null };

/**
 * The follow-up as a question of its own: kept from when the same was said before, else by the first model that answers,
 * else the last questions joined. Asks no model where the answer is to be made without one. Never fails.
 */
export async function rewriteQuestion(
  services: QueryServices,
  ask: Ask,
  { deadline, signal }: { deadline: Deadline; signal: AbortSignal },
): Promise<Rewriting> {
  const startedAtMs = services.clock.nowMs();
  const durationMs = () => services.clock.nowMs() - startedAtMs;
  const joined = joinQuestions(ask.history, ask.question);
  const nothing = { degraded: [], used: [], redisCommands: 0 };
  if (ask.generation !== 'auto') return { ...nothing, question: joined, durationMs: durationMs() };

  const { rewritings } = services;
  const key = await rewritings.keyOf(ask);
  const reads = ask.cache === 'default' ? 1 : 0;
  const kept = reads === 0 ? null : await rewritings.find(key, deadline);
  if (kept !== null) return { ...nothing, question: kept, redisCommands: reads, durationMs: durationMs() };

  const written = await askModels(services, ask, deadline, signal);
  const isKept = written.question !== null && ask.cache !== 'no-store';
  if (isKept && written.question !== null) rewritings.keep(key, written.question);
  return {
    ...written,
    question: written.question ?? joined,
    redisCommands: written.redisCommands + reads + Number(isKept),
    durationMs: durationMs(),
  };
}

async function askModels(
  { clock, generators, generationBudget }: QueryServices,
  ask: Ask,
  request: Deadline,
  signal: AbortSignal,
): Promise<Written> {
  const prompt = buildRewritePrompt(ask.history, ask.question);
  const deadline = deadlineWithin(clock, REWRITE_TIMEOUT_MS, request);
  // Without its signal: a count that was begun has to be known to be given back.
  const turns = openTurns(generationBudget, deadlineIn(clock, deadline.remainingMs()));
  const written: Written = { question: null, degraded: [], used: [], redisCommands: 0 };
  for (const [asked, generator] of generators.entries()) {
    if (signal.aborted) break;
    const step = `rewriting:${generator.name}`;
    if (generator.isRateBudgeted && !(await turns.take())) {
      written.degraded.push({ step, reason: 'RATE_BUDGET' });
      continue;
    }
    const firstToken = deadlineIn(clock, deadline.remainingMs() / (generators.length - asked));
    const onCall = generator.isRateBudgeted ? turns.spend : undefined;
    const options = { maxTokens: MAX_TOKENS, firstToken, deadline, signal, onCall };
    const question = await writeQuestion(generator, prompt, options, written.used);
    if (question.ok) {
      written.question = question.value;
      break;
    }
    written.degraded.push({ step, reason: question.error });
  }
  await turns.close();
  return { ...written, redisCommands: turns.commands() };
}

/** The question a model makes of it; else why it makes none. */
async function writeQuestion(
  generator: Generator,
  ...[prompt, options, used]: [Parameters<Generator['start']>[0], Parameters<Generator['start']>[1], Rewriting['used']]
): Promise<Result<string, Degradation['reason']>> {
  const started = await generator.start(prompt, options);
  if (!started.ok) return fail(started.error.code);
  const { text, last } = await readToEnd(started.value);
  used.push({ ...last.usage, model: generator.name, price: generator.price });
  if (last.kind === 'failed') return fail(last.error.code);
  // Half a question is another one.
  if (last.isCut) return fail('TRUNCATED');
  const question = asQuestion(text);
  return question === null ? fail('BAD_ANSWER') : succeed(question);
}

async function readToEnd(
  generation: Generation,
): Promise<{ text: string; last: Exclude<GenerationStep, { kind: 'text' }> }> {
  let text = '';
  for (;;) {
    const step = await generation.next();
    if (step.kind !== 'text') return { text, last: step };
    text += step.text;
  }
}

/** A model's words as a question: one line without anything that could be markup. `null` when nothing is left. */
export function asQuestion(text: string): string | null {
  const line = text.split('\n').find((part) => hasWords(part)) ?? '';
  const plain = normaliseQuestion(normaliseQuestion(line).replace(/[[\]<>{}]/g, ' '))
    .replace(/^(?:(?:standalone|rewritten)\s+)?question\s*:\s*/i, '')
    .replace(/^["“'«]+|["”'»]+$/gu, '');
  const question = [...plain].slice(0, MAX_CHARACTERS).join('').trim();
  return hasWords(question) ? question : null;
}

/** The last questions as one: what a follow-up leaves out was asked in those before it. The same for the same turns. */
export function joinQuestions(history: readonly Turn[], question: string): string {
  const before = history
    .filter(({ role }) => role === 'user')
    .slice(-JOINED_QUESTIONS)
    .map(({ content }) => normaliseQuestion(content))
    .join(' ');
  return normaliseQuestion(`${[...before].slice(-MAX_JOINED_CHARACTERS).join('')} ${question}`);
}
