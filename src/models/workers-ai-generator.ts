import * as z from 'zod';
import { BadAnswerError, parseAnswer } from '../resilience/bad-answer.ts';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import type { ChatMessage, GeneratedText, Generator } from './generator.ts';
import { estimateTokens } from './token-estimate.ts';
import { runModel, WORKERS_AI, type WorkersAiBinding, workersAiCircuit } from './workers-ai-binding.ts';
import { classifyWorkersAiError } from './workers-ai-errors.ts';

const usage = z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish().catch(null);

// Older models answer in the first form, newer ones in that of OpenAI's chat completions.
const answerSchema = z.union([
  z.object({ response: z.string(), usage }).transform(({ response, usage }) => ({ text: response, usage })),
  z
    .object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })], z.unknown()), usage })
    .transform(({ choices, usage }) => ({ text: choices[0].message.content, usage })),
]);

// Low: the answer is in the passages, not in the model's imagination.
const TEMPERATURE = 0.1;

export interface WorkersAiGeneratorOptions {
  ai: Pick<WorkersAiBinding, 'run'>;
  model: string;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

/** One text generation model of Workers AI, refused at once when it is busy so that the next one can be asked. */
export function createWorkersAiGenerator({ ai, model, callUpstream, timeoutMs }: WorkersAiGeneratorOptions): Generator {
  return {
    name: model,

    generate(messages, { maxTokens }, deadline) {
      const call = {
        dependency: WORKERS_AI,
        circuit: workersAiCircuit(model),
        operation: 'generate',
        deadline,
        timeoutMs,
        classify: classifyWorkersAiError,
      };
      return callUpstream(call, async (signal) => {
        const inputs = { messages, max_tokens: maxTokens, temperature: TEMPERATURE };
        return readAnswer(await runModel(ai, model, inputs, { signal, rejectIfBusy: true }), messages);
      });
    },
  };
}

function readAnswer(answer: unknown, messages: ChatMessage[]): GeneratedText {
  const parsed = parseAnswer(answerSchema, answer);
  const text = parsed.text.trim();
  if (text === '') throw new BadAnswerError('an empty text');
  if (parsed.usage) {
    const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = parsed.usage;
    return { text, promptTokens, completionTokens, estimated: false };
  }
  const promptTokens = messages.reduce((sum, message) => sum + estimateTokens(message.content), 0);
  return { text, promptTokens, completionTokens: estimateTokens(text), estimated: true };
}
