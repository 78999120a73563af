import type { Clock } from '../../src/clock.ts';
import { GenerationInputs, parseInputs } from '../ai/ai-requests.ts';
import type { EmbeddingPool } from '../ai/embedding-pool.ts';
import { pacedStream } from '../ai/paced-stream.ts';
import { chatBody, chatFrames, chatIdentity, generateAnswer } from '../ai/text-generation.ts';
import type { LocalRequest, LocalResponse, LocalService } from '../http-service.ts';

export interface OpenAiServiceOptions {
  embeddings: Pick<EmbeddingPool, 'embed'>;
  /** The one bearer token that is accepted. */
  key: string;
  clock: Clock;
  seed: number;
  /** Pause before each frame of a stream. */
  tokenDelayMs?: number;
}

export const OPENAI_MODEL = 'passage-composer';
const PATH = '/openai/v1/chat/completions';
const DEFAULT_TOKEN_DELAY_MS = 2;

/** Chat completions by the same composer as Workers AI's, at an endpoint of OpenAI's form. */
export function createOpenAiService(options: OpenAiServiceOptions): LocalService & { close(): void } {
  const { embeddings, key, clock, seed, tokenDelayMs = DEFAULT_TOKEN_DELAY_MS } = options;
  const closing = new AbortController();

  async function complete(request: LocalRequest): Promise<LocalResponse> {
    const json = parseJson(request.body);
    const inputs = parseInputs(GenerationInputs, json);
    if (!inputs.ok) return failure(400, 'invalid_request_error', null, inputs.error.description);
    const model = modelOf(json);
    if (model !== OPENAI_MODEL) return failure(404, 'invalid_request_error', 'model_not_found', 'no such model');
    const signal = AbortSignal.any([request.signal, closing.signal]);
    const answer = await generateAnswer(inputs.value, embeddings, signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (answer === null || signal.aborted) return failure(499, 'invalid_request_error', null, 'The client has left.');
    const identity = chatIdentity(model, inputs.value, clock.nowMs(), seed);
    if (!inputs.value.isStream) return json200(chatBody(answer, identity));
    const frames = chatFrames(answer, identity, inputs.value.includeUsage);
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
      body: pacedStream(frames, { tokenDelayMs, signal, onEnd: () => {} }),
    };
  }

  return {
    callOf: () => ({ service: 'openai', instance: 'primary', operation: 'generate' }),
    async respond(request) {
      if (request.headers.get('authorization') !== `Bearer ${key}`) {
        return failure(401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.');
      }
      const isKnown = request.method === 'POST' && request.path === PATH;
      return isKnown ? complete(request) : failure(404, 'invalid_request_error', 'unknown_url', 'Invalid URL');
    },
    // https://platform.openai.com/docs/guides/error-codes
    fail: (kind) =>
      kind === 'error'
        ? failure(500, 'server_error', null, 'The server had an error while processing your request.')
        : failure(429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for requests.', { 'retry-after': '1' }),
    close: () => closing.abort(),
  };
}

function modelOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'model' in json ? json.model : null;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}

function json200(body: object): LocalResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function failure(
  status: number,
  type: string,
  code: string | null,
  message: string,
  headers: Record<string, string> = {},
): LocalResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ error: { message, type, param: null, code } }),
  };
}
