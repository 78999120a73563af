import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import { fail, type Result, succeed } from '../../src/result.ts';
import { MAX_METADATA_INDEXES } from './limits.ts';
import { asMetadata, indexedValues, type Metadata, type MetadataIndex, metadataSchema } from './metadata.ts';
import { matchesFilter } from './metadata-filter.ts';
import { type Metric, nearest } from './nearest.ts';
import type { NewVector, QueryOptions } from './requests.ts';
import { VectorSpace } from './vector-space.ts';
import type { Mutation, StoredVector, VectorTables } from './vector-tables.ts';
import { refusedMetadataIndex, unknownVector, type VectorizeFailure } from './vectorize-failure.ts';

export interface IndexOptions {
  clock: Clock;
  dimensions: number;
  metric: Metric;
  /** Asked each time, because it is set while the local cloud runs. */
  visibilityDelayMs: () => number;
}

export interface Match {
  id: string;
  score: number;
  namespace?: string;
  metadata?: Metadata;
  values?: number[];
}

export type VectorIndex = ReturnType<typeof openVectorIndex>;

/**
 * One instance of one index. Writes are accepted at once and become part of it in order, each when the delay since
 * its acceptance has passed; reads see that state only.
 */
export function openVectorIndex(tables: VectorTables, space: number, options: IndexOptions) {
  const { clock, dimensions, metric, visibilityDelayMs } = options;
  const vectors = new VectorSpace(tables.vectors(space));
  const metadata = new WeakMap<StoredVector, Metadata>();
  let pending = tables.pendingMutations(space);
  let processed = tables.lastProcessed(space);

  function catchUp(): void {
    while (pending[0] && clock.nowMs() >= pending[0].acceptedAtMs + visibilityDelayMs()) apply(pending[0]);
  }

  function apply(mutation: Mutation): void {
    const { seq, kind } = mutation;
    const change =
      kind === 'delete' ? { kind, ids: tables.loggedIds(seq) } : { kind, vectors: tables.loggedVectors(seq) };
    tables.apply(space, mutation);
    if (change.kind === 'delete') for (const id of change.ids) vectors.delete(id);
    else for (const vector of change.vectors) keep(vector, change.kind);
    processed = mutation;
    pending = pending.slice(1);
  }

  function keep(vector: StoredVector, kind: 'insert' | 'upsert'): void {
    if (kind === 'insert' && vectors.get(vector.id) !== undefined) return;
    vectors.put(vector);
  }

  function accept(kind: Mutation['kind'], log: (mutation: Omit<Mutation, 'seq'>) => void): { mutationId: string } {
    const mutationId = randomUUID();
    log({ mutationId, kind, acceptedAtMs: clock.nowMs() });
    pending = tables.pendingMutations(space);
    return { mutationId };
  }

  function* candidates({ namespace, filter }: QueryOptions): Iterable<StoredVector> {
    for (const vector of vectors.in(namespace)) {
      if (filter && !matchesFilter(filter, vector.indexed)) continue;
      yield vector;
    }
  }

  function metadataOf(vector: StoredVector): { metadata?: Metadata } {
    if (vector.metadata === null) return {};
    // Read once: the same few vectors are what most queries find.
    const read = metadata.get(vector) ?? metadataSchema.parse(JSON.parse(vector.metadata));
    metadata.set(vector, read);
    return { metadata: read };
  }

  function matchOf(vector: StoredVector, score: number, { returnValues, returnMetadata }: QueryOptions): Match {
    return {
      id: vector.id,
      score,
      ...namespaceOf(vector),
      ...(returnValues && { values: [...vector.values] }),
      ...(returnMetadata === 'all' && metadataOf(vector)),
      ...(returnMetadata === 'indexed' && { metadata: asMetadata(vector.indexed) }),
    };
  }

  function query(vector: Float32Array, options: QueryOptions): { count: number; matches: Match[] } {
    catchUp();
    const found = nearest(candidates(options), vector, options.topK, metric);
    const matches = found.map(({ candidate, score }) => matchOf(candidate, score, options));
    return { count: matches.length, matches };
  }

  return {
    query,

    queryById(id: string, options: QueryOptions): Result<ReturnType<typeof query>, VectorizeFailure> {
      catchUp();
      const vector = vectors.get(id);
      return vector ? succeed(query(vector.values, options)) : fail(unknownVector(id));
    },

    write(kind: 'insert' | 'upsert', newVectors: NewVector[]): { mutationId: string } {
      const indexes = tables.metadataIndexes(space);
      const stored = newVectors.map((vector) => ({
        ...vector,
        metadata: vector.metadata && JSON.stringify(vector.metadata),
        indexed: indexedValues(vector.metadata ?? {}, indexes),
      }));
      return accept(kind, (mutation) => tables.logVectors(space, mutation, stored));
    },

    deleteByIds(ids: string[]): { mutationId: string } {
      return accept('delete', (mutation) => tables.logDeletion(space, mutation, ids));
    },

    /** Unknown ids are left out. */
    getByIds(ids: string[]) {
      catchUp();
      return ids.flatMap((id) => {
        const vector = vectors.get(id);
        return vector ? [{ id, values: [...vector.values], ...namespaceOf(vector), ...metadataOf(vector) }] : [];
      });
    },

    describe() {
      catchUp();
      return {
        vectorCount: vectors.size,
        dimensions,
        // The types of the binding call both a number; their comments, and the service, mean these.
        processedUpToDatetime: processed && new Date(processed.acceptedAtMs).toISOString(),
        processedUpToMutation: processed?.mutationId ?? null,
      };
    },

    createMetadataIndex(index: MetadataIndex): Result<{ mutationId: string }, VectorizeFailure> {
      const indexes = tables.metadataIndexes(space);
      const existing = indexes.find(({ property }) => property === index.property);
      if (existing && existing.type !== index.type) {
        return fail(refusedMetadataIndex(`metadata index "${index.property}" exists with type ${existing.type}`));
      }
      if (!existing && indexes.length >= MAX_METADATA_INDEXES) {
        return fail(refusedMetadataIndex(`too many metadata indexes; max is ${MAX_METADATA_INDEXES}`));
      }
      if (!existing) tables.addMetadataIndex(space, index);
      return succeed({ mutationId: randomUUID() });
    },
  };
}

function namespaceOf({ namespace }: StoredVector): { namespace?: string } {
  return namespace === null ? {} : { namespace };
}
