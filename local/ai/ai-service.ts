import type { Clock } from '../../src/clock.ts';
import type { LocalRequest, LocalResponse, LocalService } from '../http-service.ts';
import {
  ABORTED,
  ALLOCATION_USED_UP,
  CAPACITY_EXCEEDED,
  errorResponse,
  INCOMPLETE_REQUEST,
  INTERNAL_ERROR,
  INVALID_BASE64,
  NO_SUCH_ROUTE,
  noSuchModel,
  REQUEST_TOO_LARGE,
} from './ai-errors.ts';
import { aiModelNamed, operationOf } from './ai-models.ts';
import { RunRequest, ToMarkdownRequest } from './ai-requests.ts';
import type { EmbeddingPool } from './embedding-pool.ts';
import { createMinuteLimit } from './minute-limit.ts';
import { runModel } from './model-runner.ts';
import { createNeuronAllowance } from './neuron-allowance.ts';
import { pacedStream } from './paced-stream.ts';
import { createRunSlots, type Release } from './run-slots.ts';
import { type MarkdownResult, type MarkdownSource, toMarkdown } from './to-markdown.ts';

export interface AiServiceOptions {
  embeddings: Pick<EmbeddingPool, 'embed'>;
  clock: Clock;
  seed: number;
  /** Runs at once; further ones wait, or fail with 3040 when they ask for `rejectIfBusy`. */
  maxConcurrentRuns?: number;
  /** Pause before each frame of a stream. */
  tokenDelayMs?: number;
  /** Past this every run fails with 3036 until 00:00 UTC. */
  neuronsPerDay?: number;
}

const DEFAULT_MAX_CONCURRENT_RUNS = 256;
const DEFAULT_TOKEN_DELAY_MS = 2;
const MAX_RUN_BYTES = 10_000_000;
const MAX_TO_MARKDOWN_BYTES = 50_000_000;
/** Each conversion is a thread of its own. */
const MAX_CONCURRENT_CONVERSIONS = 2;

export interface AiService extends LocalService {
  /** What all models together generate within any minute; `null`: no limit. Starts without one. */
  setGenerationsPerMinute(perMinute: number | null): void;
  close(): void;
}

/** Workers AI as the local Worker calls it: `POST …/run` and `POST …/to-markdown`. */
export function createAiService(options: AiServiceOptions): AiService {
  const tokenDelayMs = options.tokenDelayMs ?? DEFAULT_TOKEN_DELAY_MS;
  const runSlots = createRunSlots(options.maxConcurrentRuns ?? DEFAULT_MAX_CONCURRENT_RUNS);
  const conversionSlots = createRunSlots(MAX_CONCURRENT_CONVERSIONS);
  const allowance = createNeuronAllowance(options.neuronsPerDay ?? Number.POSITIVE_INFINITY, options.clock);
  const generations = createMinuteLimit(options.clock);
  const closing = new AbortController();
  /** `callOf` and `respond` both read the body of the same request. */
  const bodies = new WeakMap<LocalRequest, unknown>();

  function bodyOf(request: LocalRequest): unknown {
    if (!bodies.has(request)) bodies.set(request, parseJson(request.body));
    return bodies.get(request);
  }

  async function run(request: LocalRequest, signal: AbortSignal): Promise<LocalResponse> {
    if (request.body.byteLength > MAX_RUN_BYTES) return errorResponse(REQUEST_TOO_LARGE);
    const parsed = RunRequest.safeParse(bodyOf(request));
    if (!parsed.success) return errorResponse(INCOMPLETE_REQUEST);
    const { model: name, inputs, options: runOptions } = parsed.data;
    const model = aiModelNamed(name);
    if (!model) return errorResponse(noSuchModel(name));
    if (allowance.isUsedUp()) return errorResponse(ALLOCATION_USED_UP);

    if (model.task === 'generate' && !generations.tryTake()) return errorResponse(CAPACITY_EXCEEDED);

    const release = runOptions.rejectIfBusy ? runSlots.tryTake() : await runSlots.take(signal);
    if (!release) return errorResponse(signal.aborted ? ABORTED : CAPACITY_EXCEEDED);
    let isStreaming = false;
    try {
      const outcome = await runModel(name, model, inputs, { ...options, signal });
      // A signal that is aborted already calls nobody, and a stream for nobody never ends.
      if (signal.aborted) return errorResponse(ABORTED);
      if (outcome.kind === 'failed') return errorResponse(outcome.failure);
      allowance.spend(outcome.neurons);
      if (outcome.kind === 'json') return jsonResponse(outcome.body);
      isStreaming = true;
      return streamResponse(outcome.frames, signal, release);
    } finally {
      if (!isStreaming) release();
    }
  }

  function streamResponse(frames: Iterable<string>, signal: AbortSignal, release: Release): LocalResponse {
    // A body that nobody begins to read never reaches its own end.
    signal.addEventListener('abort', release, { once: true });
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: pacedStream(frames, { tokenDelayMs, signal, onEnd: release }),
    };
  }

  async function convertAll(request: LocalRequest, signal: AbortSignal): Promise<LocalResponse> {
    if (request.body.byteLength > MAX_TO_MARKDOWN_BYTES) return errorResponse(REQUEST_TOO_LARGE);
    const parsed = ToMarkdownRequest.safeParse(bodyOf(request));
    if (!parsed.success) return errorResponse(INCOMPLETE_REQUEST);
    const sources: MarkdownSource[] = [];
    for (const { name, mimeType, base64 } of parsed.data.files) {
      const bytes = decodeBase64(base64);
      if (!bytes) return errorResponse(INVALID_BASE64);
      sources.push({ name, mimeType, bytes });
    }
    const release = await conversionSlots.take(signal);
    if (!release) return errorResponse(ABORTED);
    try {
      const results: MarkdownResult[] = [];
      for (const source of sources) results.push(await toMarkdown(source, signal));
      return jsonResponse(results);
    } finally {
      release();
    }
  }

  return {
    callOf(request) {
      const route = routeOf(request);
      return { service: 'ai', instance: 'primary', operation: route === 'run' ? operationOf(bodyOf(request)) : route };
    },
    async respond(request) {
      const route = routeOf(request);
      const signal = AbortSignal.any([request.signal, closing.signal]);
      if (route === 'run') return run(request, signal);
      if (route === 'to-markdown') return convertAll(request, signal);
      return errorResponse(NO_SUCH_ROUTE);
    },
    fail: (kind) => errorResponse(kind === 'error' ? INTERNAL_ERROR : CAPACITY_EXCEEDED),
    setGenerationsPerMinute: generations.setPerMinute,
    close: () => closing.abort(),
  };
}

function routeOf({ method, path }: LocalRequest): 'run' | 'to-markdown' | 'unknown' {
  const name = path.split('?', 1)[0]?.split('/').at(-1);
  if (method !== 'POST') return 'unknown';
  return name === 'run' || name === 'to-markdown' ? name : 'unknown';
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}

/** `null` when it is not base64; Node's own decoder skips what it cannot read. */
function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  const wellFormed = bytes.toString('base64') === text;
  // A Buffer cannot be cloned to another thread as the plain array that the converters take.
  return wellFormed ? new Uint8Array(bytes) : null;
}

function jsonResponse(body: object): LocalResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
