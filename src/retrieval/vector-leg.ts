import type {
  EmbeddingFailure,
  QuestionCacheOutcome,
  QuestionEmbedding,
  QuestionVector,
} from '../cache/cached-embedder.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';
import { askStores, type RaceServices, type StoreRace } from './ask-stores.ts';
import { type Degradation, degradedBy } from './degradation.ts';
import type { RetrievalRequest } from './retrieved.ts';
import type { StoreQuery, VectorMatch, VectorStore } from './vector-store.ts';

export interface VectorLegServices extends RaceServices {
  /** In the order they are asked. */
  vectorStores: readonly VectorStore[];
}

export interface VectorLegRequest<T> extends RetrievalRequest {
  /** How many candidates are wanted. */
  limit: number;
  embedding: Pick<QuestionEmbedding, 'vector'>;
  /** What makes a search needless, if anything does, once the question's vector is known. */
  spare(vector: Float32Array): Promise<T | null>;
}

/** No store was asked. */
export interface Spared<T> {
  kind: 'spared';
  by: T;
  embedding: { cache: QuestionCacheOutcome; ms: number; tokens: number; estimated: boolean };
  degraded: Degradation[];
}

export interface VectorLeg {
  kind: 'searched';
  matches: VectorMatch[] | null;
  store: string | null;
  paidStores: string[];
  /** What the model of this deployment was asked for; `null` when it failed. */
  embedding: Pick<QuestionVector, 'tokens' | 'estimated'> | null;
  embeddingCache: QuestionCacheOutcome;
  embeddingMs: number;
  errors: UpstreamError[];
  degraded: Degradation[];
}

type Embedded = Result<QuestionVector, EmbeddingFailure>;

/** The passages nearest to the question by meaning: its vector to any store, or its text to one that embeds by itself. */
export async function searchByMeaning<T>(
  services: VectorLegServices,
  request: VectorLegRequest<T>,
  deadline: Deadline,
): Promise<VectorLeg | Spared<T>> {
  const { namespace, question, filter, topK, limit } = request;
  const rejections = rejectionsOfAll(services);
  if (rejections.length > 0) return unasked(rejections);
  const startedAtMs = services.clock.nowMs();
  const embedded = await request.embedding.vector();
  const embeddingMs = services.clock.nowMs() - startedAtMs;
  const spared = embedded.ok ? await spare(request, embedded.value, embeddingMs) : null;
  if (spared !== null) return { ...spared, degraded: degradedByEmbedding(embedded) };
  const race = await askAnyStore(services, { namespace, topK: limit, filter }, question, embedded, deadline);
  const { answered, failures, late, paid } = race;
  const isShort = answered?.isComplete === false && answered.matches.length < topK;
  return {
    kind: 'searched',
    matches: answered?.matches ?? null,
    store: answered?.store ?? null,
    paidStores: paid,
    embedding: embedded.ok ? embedded.value : null,
    embeddingCache: embedded.ok ? embedded.value.cache : embedded.error.cache,
    embeddingMs,
    errors: [...(embedded.ok ? [] : [embedded.error]), ...failures.map(({ error }) => error)],
    degraded: [
      ...degradedByEmbedding(embedded),
      ...failures.map(({ store, error }) => degradedBy(`retrieval:${store}`, error)),
      ...late.map(({ store, reason }) => ({ step: `retrieval:${store}`, reason })),
      ...(isShort ? [{ step: `filter:${answered.store}`, reason: 'INCOMPLETE' }] : []),
    ],
  };
}

async function spare<T>(
  request: VectorLegRequest<T>,
  { cache, tokens, estimated, vector }: QuestionVector,
  ms: number,
): Promise<Omit<Spared<T>, 'degraded'> | null> {
  const by = await request.spare(vector);
  return by === null ? null : { kind: 'spared', by, embedding: { cache, ms, tokens, estimated } };
}

/** Why each store would turn the question away; empty when one of them would not. */
export function rejectionsOfAll({ vectorStores, circuits }: VectorLegServices): UpstreamError[] {
  const rejections = vectorStores.flatMap(({ name }) => circuits.rejectionOf(name) ?? []);
  return rejections.length === vectorStores.length ? rejections : [];
}

/** No store can be asked, so a vector would be paid and waited for in vain. */
function unasked(errors: UpstreamError[]): VectorLeg {
  return {
    kind: 'searched',
    matches: null,
    store: null,
    paidStores: [],
    embedding: null,
    embeddingCache: 'bypass',
    embeddingMs: 0,
    errors,
    degraded: errors.map((error) => degradedBy(`retrieval:${error.dependency}`, error)),
  };
}

function askAnyStore(
  services: VectorLegServices,
  query: StoreQuery,
  text: string,
  embedded: Embedded,
  deadline: Deadline,
): Promise<StoreRace> {
  const { vectorStores } = services;
  if (!embedded.ok) {
    const embedding = vectorStores.flatMap(({ name, queryText }) => (queryText === null ? [] : [{ name, queryText }]));
    return askStores(services, embedding, (store, signal) => store.queryText({ ...query, text }, deadline, signal));
  }
  const { vector } = embedded.value;
  return askStores(services, vectorStores, (store, signal) => store.query({ ...query, vector }, deadline, signal));
}

function degradedByEmbedding(embedded: Embedded): Degradation[] {
  const cache = embedded.ok ? embedded.value.cache : embedded.error.cache;
  const degraded: Degradation[] = cache === 'unavailable' ? [{ step: 'cache:embedding', reason: 'UNAVAILABLE' }] : [];
  return embedded.ok ? degraded : [...degraded, degradedBy('embedding', embedded.error)];
}
