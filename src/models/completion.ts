import * as z from 'zod';
import { parseAnswer } from '../resilience/bad-answer.ts';
import { CompletionError } from './completion-error.ts';

/** What one message of a text generation model says, whether a whole answer or a piece of a stream. */
export interface Completion {
  text: string;
  /** What it thinks before it answers: billed like text, and not shown. */
  thought: string;
  /** Nothing but the usage comes any more. */
  isFinished: boolean;
  usage: { promptTokens: number; completionTokens: number } | null;
}

export const NO_COMPLETION: Completion = { text: '', thought: '', isFinished: false, usage: null };

const usage = z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish().catch(null);
// A token that is a number comes as one, now and then.
const text = z.union([z.string(), z.number().transform(String)]).nullish();
const code = z.union([z.string(), z.number()]).nullish();
const reason = z.object({ code, message: z.string().nullish() });
const message = z.object({ content: text, reasoning_content: text, reasoning: text }).nullish();

// Older models of Workers AI answer by `response`, newer ones and everybody else as OpenAI's chat completions, with a
// `delta` in streams: https://developers.cloudflare.com/workers-ai/models/
const schema = z.object({
  response: text,
  choices: z.array(z.object({ message, delta: message, finish_reason: z.string().nullish() })).nullish(),
  usage,
  error: z.union([z.string(), reason]).nullish(),
  errors: z.array(reason).nullish(),
});

/** Throws `CompletionError` when it is a failure that is told, `BadAnswerError` when it is something else. */
export function readCompletion(json: unknown): Completion {
  const { response, choices, usage, error, errors } = parseAnswer(schema, json);
  const failure = error ?? errors?.[0];
  if (typeof failure === 'string') throw new CompletionError(null, failure);
  if (failure) throw new CompletionError(String(failure.code ?? '') || null, failure.message ?? '');
  const [choice] = choices ?? [];
  const said = choice?.delta ?? choice?.message;
  return {
    text: said?.content ?? response ?? '',
    thought: said?.reasoning_content ?? said?.reasoning ?? '',
    isFinished: Boolean(choice?.finish_reason),
    usage: usage ? { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens } : null,
  };
}

export function joinCompletions(one: Completion, next: Completion): Completion {
  return {
    text: one.text + next.text,
    thought: one.thought + next.thought,
    isFinished: one.isFinished || next.isFinished,
    usage: next.usage ?? one.usage,
  };
}
