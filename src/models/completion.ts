import * as z from 'zod';
import { parseAnswer } from '../resilience/bad-answer.ts';
import { FilteredError } from '../resilience/filtered-error.ts';
import { InterruptedError } from '../resilience/interrupted-error.ts';
import { CompletionError } from './completion-error.ts';

/** What one message of a text generation model says, whether a whole answer or a piece of a stream. */
export interface Completion {
  text: string;
  /** What it thinks before it answers: billed like text, and not shown. */
  thought: string;
  /** Nothing but the usage comes any more: the answer is whole, or cut at the most tokens it may have. */
  finish: 'whole' | 'cut' | null;
  usage: { promptTokens: number; completionTokens: number } | null;
}

export const NO_COMPLETION: Completion = { text: '', thought: '', finish: null, usage: null };

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

/**
 * Throws `CompletionError` when it is a failure that is told, `FilteredError` and `InterruptedError` when the answer is
 * said to have ended before its end, `BadAnswerError` when it is something else.
 */
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
    finish: finishOf(choice?.finish_reason),
    usage: usage ? { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens } : null,
  };
}

export function joinCompletions(one: Completion, next: Completion): Completion {
  return {
    text: one.text + next.text,
    thought: one.thought + next.thought,
    finish: next.finish ?? one.finish,
    usage: next.usage ?? one.usage,
  };
}

// OpenAI's reasons, and what other services that speak its protocol say instead.
function finishOf(reason: string | null | undefined): Completion['finish'] {
  switch (reason) {
    case null:
    case undefined:
    case '':
      return null;
    case 'length':
    case 'model_length':
      return 'cut';
    case 'content_filter':
      throw new FilteredError('a filter of the model’s service took the answer');
    case 'error':
    case 'abort':
    case 'insufficient_system_resource':
      throw new InterruptedError('the model’s service gave up the answer');
    default:
      return 'whole';
  }
}
