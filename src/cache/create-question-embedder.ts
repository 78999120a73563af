import type { Clock } from '../clock.ts';
import type { Embedder, Embeddings } from '../models/embedder.ts';
import { estimateTokens } from '../models/token-estimate.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { LatencySamples } from '../resilience/latency-samples.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { Defer } from '../telemetry/defer.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { CacheStore } from './cache-store.ts';
import {
  EMBEDDING_TTL_SECONDS,
  type QuestionEmbedder,
  type QuestionEmbedding,
  type QuestionEmbeddingOptions,
  type VectorReading,
} from './cached-embedder.ts';
import { decodeEmbedding, encodeEmbedding } from './embedding-codec.ts';
import { embeddingKey } from './keys.ts';

export interface QuestionEmbedderOptions {
  embedder: Embedder;
  store: CacheStore;
  clock: Clock;
  telemetry: Telemetry;
  defer: Defer;
  /** How long this isolate's readings have taken. */
  readings: LatencySamples;
  writeTimeoutMs: number;
}

type Found = { kind: 'hit'; vector: Float32Array } | { kind: 'miss' | 'bypass' | 'unavailable' };

// One reading in four is slower. To embed that many questions in vain costs about a hundredth of their Redis commands.
const USUAL_SHARE = 0.75;
const SAMPLES_TO_TRUST = 20;

export function createQuestionEmbedder(options: QuestionEmbedderOptions): QuestionEmbedder {
  const { embedder, store, clock } = options;
  const { model } = embedder;
  const keyOf = (question: string) => embeddingKey(model, question);

  async function keep(question: string, vector: Float32Array, signal: AbortSignal | undefined): Promise<void> {
    const entry = { key: await keyOf(question), value: encodeEmbedding(vector) };
    await store.setMany([entry], EMBEDDING_TTL_SECONDS, deadlineIn(clock, options.writeTimeoutMs, signal));
  }

  return {
    model,
    keyOf,
    begin: (question, asked, deadline) =>
      beginEmbedding(options, question, asked, deadline, (vector) => keep(question, vector, deadline.signal)),
  };
}

function beginEmbedding(
  { embedder, clock, telemetry, defer, readings }: QuestionEmbedderOptions,
  question: string,
  { mode, reading, isWanted }: QuestionEmbeddingOptions,
  deadline: Deadline,
  keep: (vector: Float32Array) => Promise<void>,
): QuestionEmbedding {
  const startedAtMs = clock.nowMs();
  const usualMs = readings.percentileMs(USUAL_SHARE, startedAtMs, SAMPLES_TO_TRUST);
  const { promise: modelFirst, resolve: noteModelFirst } = Promise.withResolvers<void>();
  let call: Promise<Result<Embeddings, UpstreamError>> | null = null;
  let isRead = false;

  const slowReading = usualMs === null ? null : setTimeout(askEarly, usualMs);
  const found = reading.then((read): Found => {
    if (slowReading !== null) clearTimeout(slowReading);
    isRead = true;
    const nowMs = clock.nowMs();
    if (read?.ok) readings.add(nowMs - startedAtMs, nowMs);
    const result = judge(read, embedder.model.dimensions);
    if (result.kind !== 'bypass') telemetry.count('cache.reads', { cache: 'embedding', outcome: result.kind });
    return result;
  });

  function askModel() {
    call ??= embedder.embed([question], deadline);
    return call;
  }

  function askEarly(): void {
    if (!isWanted()) return;
    const early = askModel().then(({ ok }) => {
      const isFirst = ok && !isRead;
      telemetry.count('embedding.races', { first: isFirst ? 'model' : 'cache' });
      if (isFirst) noteModelFirst();
    });
    defer('embedding.early', early);
  }

  function inVain(): Pick<Embeddings, 'tokens' | 'estimated'> {
    return call === null ? { tokens: 0, estimated: false } : { tokens: estimateTokens(question), estimated: true };
  }

  return {
    modelFirst,
    inVain,
    async vector() {
      const first = await Promise.race([found, modelFirst]);
      if (first?.kind === 'hit') return succeed({ vector: first.vector, ...inVain(), cache: 'hit' });
      const made = await askModel();
      if (!made.ok) return fail({ ...made.error, cache: first?.kind ?? 'unavailable' });
      const [vector] = made.value.vectors;
      if (vector === undefined) throw new Error('the embedder answered without a vector');
      const { tokens, estimated } = made.value;
      if (mode !== 'no-store') defer('embedding-cache.write', keepUnlessThere(vector));
      return succeed({ vector, tokens, estimated, cache: first?.kind ?? 'overtaken' });
    },
  };

  /** A cache that could not be read is not written to. */
  async function keepUnlessThere(vector: Float32Array): Promise<void> {
    const { kind } = await found;
    if (kind === 'miss' || kind === 'bypass') await keep(vector);
  }
}

function judge(read: VectorReading, dimensions: number): Found {
  if (read === null) return { kind: 'bypass' };
  if (!read.ok) return { kind: 'unavailable' };
  const vector = decodeEmbedding(read.value ?? '', dimensions);
  return vector === null ? { kind: 'miss' } : { kind: 'hit', vector };
}
