import type { GenerationPrice } from '../cost/prices.ts';
import { retryAfterOf } from '../resilience/retry-after.ts';
import { type BegunCall, beginGeneration, type GenerationServices, stoppedWith } from './begin-generation.ts';
import { type Completions, streamedCompletions, wholeCompletion } from './completions.ts';
import type { Generator } from './generator.ts';
import { classifyOpenAiError, HttpStatusError } from './openai-errors.ts';
import { TEMPERATURE } from './workers-ai-generator.ts';

export interface OpenAiEndpoint {
  /** As `servedBy`, operators and counters name it. */
  name: string;
  /** What `/chat/completions` is appended to. */
  baseUrl: string;
  /** Sent as the bearer token; `null` where none is needed. */
  key: string | null;
  model: string;
  price: GenerationPrice | null;
  /** Fields of the request body that this model wants otherwise; `null` leaves one out. */
  body: Readonly<Record<string, unknown>>;
}

/** A model behind any endpoint that speaks OpenAI's chat completions, an AI Gateway among them. */
export function createOpenAiGenerator(endpoint: OpenAiEndpoint, services: GenerationServices): Generator {
  const { name, baseUrl, key, model, price } = endpoint;
  const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`;
  const headers = { 'content-type': 'application/json', ...(key !== null && { authorization: `Bearer ${key}` }) };
  return {
    name,
    isRateBudgeted: false,
    price,

    start(messages, options) {
      const call = {
        dependency: name,
        operation: 'generate',
        deadline: options.firstToken,
        timeoutMs: services.timeoutMs,
        signal: options.signal,
        classify: classifyOpenAiError,
      };
      const asked = {
        ...{ model, messages, max_tokens: options.maxTokens, temperature: TEMPERATURE },
        ...{ stream: true, stream_options: { include_usage: true } },
        ...endpoint.body,
      };
      const body = JSON.stringify(asked, (_key, value: unknown) => value ?? undefined);
      return services.callUpstream(call, async (signal) => {
        const stopper = stoppedWith(signal);
        const begun: BegunCall = { generator: name, call, stopper, messages, options };
        options.onCall?.();
        const response = await fetch(url, {
          ...{ method: 'POST', headers, body },
          // The key is for this endpoint, not for where it points to.
          redirect: 'manual',
          signal: stopper.signal,
        });
        return beginGeneration(services, await completionsOf(response, services.clock.nowMs()), begun);
      });
    },
  };
}

async function completionsOf(response: Response, nowMs: number): Promise<Completions> {
  const { status, headers, body } = response;
  if (status !== 200 || body === null) {
    // An unread body keeps one of the few connections there are.
    await body?.cancel();
    throw new HttpStatusError(status, retryAfterOf(headers.get('retry-after'), nowMs));
  }
  const isJson = headers.get('content-type')?.includes('json') === true;
  return isJson ? wholeCompletion(await response.json()) : streamedCompletions(body);
}
