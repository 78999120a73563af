import { type BegunCall, beginGeneration, type GenerationServices, stoppedWith } from './begin-generation.ts';
import { streamedCompletions, wholeCompletion } from './completions.ts';
import type { ChatMessage, GenerateOptions, Generator } from './generator.ts';
import { WORKERS_AI, type WorkersAiBinding, workersAiCircuit } from './workers-ai-binding.ts';
import { classifyWorkersAiError } from './workers-ai-errors.ts';

/** Low: the answer is in the passages, not in the model's imagination. */
export const TEMPERATURE = 0.1;

// They think before they answer unless told not to: seconds before the first token, and paid for like text.
// https://developers.cloudflare.com/workers-ai/models/gemma-4-26b-a4b-it/
const THINKS = /\/(?:qwen3|glm-|gemma-4|nemotron-3)/;

export interface WorkersAiGeneratorOptions extends GenerationServices {
  ai: Pick<WorkersAiBinding, 'run'>;
  model: string;
  /** The AI Gateway that calls go through, by its id. */
  gateway: string | null;
}

/** One text generation model of Workers AI, refused at once when it is busy so that the next one can be asked. */
export function createWorkersAiGenerator(services: WorkersAiGeneratorOptions): Generator {
  const { ai, model, gateway, callUpstream, timeoutMs } = services;
  return {
    name: model,
    isRateBudgeted: true,
    price: null,

    start(messages, options) {
      const call = {
        dependency: WORKERS_AI,
        circuit: workersAiCircuit(model),
        operation: 'generate',
        deadline: options.firstToken,
        timeoutMs,
        signal: options.signal,
        classify: classifyWorkersAiError,
      };
      return callUpstream(call, async (signal) => {
        const stopper = stoppedWith(signal);
        const begun: BegunCall = { generator: model, call, stopper, messages, options };
        options.onCall?.();
        const answer = await ai.run(model, inputsFor(model, messages, options), {
          signal: stopper.signal,
          rejectIfBusy: true,
          ...(gateway !== null && { gateway: { id: gateway } }),
        });
        const completions = answer instanceof ReadableStream ? streamedCompletions(answer) : wholeCompletion(answer);
        return beginGeneration(services, completions, begun);
      });
    },
  };
}

function inputsFor(model: string, messages: ChatMessage[], { maxTokens }: GenerateOptions): Record<string, unknown> {
  return {
    messages,
    max_tokens: maxTokens,
    temperature: TEMPERATURE,
    stream: true,
    stream_options: { include_usage: true },
    ...(THINKS.test(model) && { chat_template_kwargs: { enable_thinking: false } }),
  };
}
