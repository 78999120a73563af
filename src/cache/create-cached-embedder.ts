import type { Clock } from '../clock.ts';
import type { Embedder } from '../models/embedder.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { Defer } from '../telemetry/defer.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { CacheStore } from './cache-store.ts';
import {
  type CachedEmbedder,
  type CachedEmbeddings,
  EMBEDDING_TTL_SECONDS,
  type EmbeddingFailure,
} from './cached-embedder.ts';
import { decodeEmbedding, encodeEmbedding } from './embedding-codec.ts';
import { embeddingKey } from './keys.ts';

export interface CachedEmbedderOptions {
  embedder: Embedder;
  store: CacheStore;
  clock: Clock;
  telemetry: Telemetry;
  defer: Defer;
  /** A cache slower than this is no cache: the model is asked instead. */
  readTimeoutMs: number;
  writeTimeoutMs: number;
}

interface CacheRead {
  outcome: 'read' | 'unavailable';
  vectors: Map<string, Float32Array>;
}

export function createCachedEmbedder(options: CachedEmbedderOptions): CachedEmbedder {
  const { embedder, store, clock, telemetry, defer } = options;
  const { model } = embedder;

  async function read(keys: Map<string, string>, deadline: Deadline): Promise<CacheRead> {
    const vectors = new Map<string, Float32Array>();
    const texts = [...keys.keys()];
    const timeoutMs = Math.min(options.readTimeoutMs, deadline.remainingMs());
    const values = await store.getMany([...keys.values()], deadlineIn(clock, timeoutMs));
    if (!values.ok) {
      telemetry.count('cache.reads', { cache: 'embedding', outcome: 'unavailable' }, texts.length);
      return { outcome: 'unavailable', vectors };
    }
    for (const [index, text] of texts.entries()) {
      const vector = decodeEmbedding(values.value[index] ?? '', model.dimensions);
      if (vector !== null) vectors.set(text, vector);
    }
    telemetry.count('cache.reads', { cache: 'embedding', outcome: 'hit' }, vectors.size);
    telemetry.count('cache.reads', { cache: 'embedding', outcome: 'miss' }, texts.length - vectors.size);
    return { outcome: 'read', vectors };
  }

  function write(keys: Map<string, string>, embedded: Map<string, Float32Array>): void {
    const entries = [...embedded].flatMap(([text, vector]) => {
      const key = keys.get(text);
      return key === undefined ? [] : [{ key, value: encodeEmbedding(vector) }];
    });
    defer(
      'embedding-cache.write',
      store.setMany(entries, EMBEDDING_TTL_SECONDS, deadlineIn(clock, options.writeTimeoutMs)),
    );
  }

  return {
    model,

    async embed(texts, deadline): Promise<Result<CachedEmbeddings, EmbeddingFailure>> {
      const distinct = [...new Set(texts)];
      const keys = new Map(
        await Promise.all(distinct.map(async (text) => [text, await embeddingKey(model, text)] as const)),
      );
      const cached = await read(keys, deadline);
      const missing = distinct.filter((text) => !cached.vectors.has(text));
      const made = await embedInBatches(embedder, missing, deadline);
      // Also after a failure: what was paid for is not paid again. A cache that could not be read is not written to.
      if (made.vectors.size > 0 && cached.outcome !== 'unavailable') write(keys, made.vectors);
      const answered = missing.length === 0 ? 'hit' : 'miss';
      const cache = cached.outcome === 'read' ? answered : cached.outcome;
      if (made.error !== null) return fail({ ...made.error, cache });
      return succeed({
        vectors: texts.map((text) => vectorOf(text, cached.vectors, made.vectors)),
        tokens: made.tokens,
        estimated: made.estimated,
        cache,
      });
    },
  };
}

interface Made {
  vectors: Map<string, Float32Array>;
  tokens: number;
  estimated: boolean;
  error: UpstreamError | null;
}

async function embedInBatches(embedder: Embedder, texts: string[], deadline: Deadline): Promise<Made> {
  const made: Made = { vectors: new Map(), tokens: 0, estimated: false, error: null };
  const size = embedder.model.maxTextsPerCall;
  for (let from = 0; from < texts.length; from += size) {
    const batch = texts.slice(from, from + size);
    const embedded = await embedder.embed(batch, deadline);
    if (!embedded.ok) return { ...made, error: embedded.error };
    for (const [index, text] of batch.entries()) {
      const vector = embedded.value.vectors[index];
      if (vector !== undefined) made.vectors.set(text, vector);
    }
    made.tokens += embedded.value.tokens;
    made.estimated ||= embedded.value.estimated;
  }
  return made;
}

function vectorOf(text: string, ...sources: Map<string, Float32Array>[]): Float32Array {
  for (const source of sources) {
    const vector = source.get(text);
    if (vector !== undefined) return vector;
  }
  throw new Error('the embedder answered with fewer vectors than texts');
}
