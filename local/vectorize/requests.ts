import * as z from 'zod';
import { fail, type Result, succeed } from '../../src/result.ts';
import {
  byteLength,
  DEFAULT_TOP_K,
  MAX_ID_BYTES,
  MAX_METADATA_BYTES,
  MAX_NAMESPACE_BYTES,
  MAX_TOP_K,
  MAX_TOP_K_WITH_VALUES_OR_METADATA,
  MAX_VECTORS_PER_WRITE,
} from './limits.ts';
import { INDEX_TYPES, type Metadata, metadataSchema } from './metadata.ts';
import { metadataFilterSchema } from './metadata-filter.ts';
import {
  idTooLong,
  namespaceTooLong,
  oversizedMetadata,
  tooManyIds,
  tooManyVectors,
  topKTooLarge,
  unreadableBody,
  unreadableWrite,
  type VectorizeFailure,
  wrongQueryDimensions,
  wrongVectorDimensions,
} from './vectorize-failure.ts';

type Parsed<T> = Result<T, VectorizeFailure>;

const querySchema = z.object({
  vector: z.array(z.number()).optional(),
  vectorId: z.string().optional(),
  topK: z.int().min(1).default(DEFAULT_TOP_K),
  namespace: z.string().optional(),
  returnValues: z.boolean().default(false),
  // An enumeration on the wire: a raw `false` is refused, which is how the binding's `returnMetadata: false` fails.
  returnMetadata: z.enum(['none', 'indexed', 'all'], 'expected value').default('none'),
  filter: metadataFilterSchema.optional(),
});
export type QueryOptions = Omit<z.infer<typeof querySchema>, 'vector' | 'vectorId'>;

export function parseQuery(
  body: unknown,
  dimensions: number,
): Parsed<{ vector: number[]; options: QueryOptions } | { vectorId: string; options: QueryOptions }> {
  const parsed = querySchema.safeParse(body);
  if (!parsed.success) return fail(unreadableBody(firstIssue(parsed.error)));
  const { vector, vectorId, ...options } = parsed.data;
  const { topK, namespace, returnValues, returnMetadata } = options;
  const isFull = returnValues || returnMetadata === 'all';
  if (topK > (isFull ? MAX_TOP_K_WITH_VALUES_OR_METADATA : MAX_TOP_K)) return fail(topKTooLarge(topK, isFull));
  if (namespace !== undefined && isNamespaceTooLong(namespace)) return fail(namespaceTooLong(namespace));
  if (vector) {
    if (vector.length !== dimensions) return fail(wrongQueryDimensions(dimensions, vector.length));
    return succeed({ vector, options });
  }
  if (vectorId === undefined) return fail(unreadableBody('vector: expected value'));
  return succeed({ vectorId, options });
}

const vectorSchema = z.object({
  id: z.string().min(1),
  values: z.array(z.number()),
  namespace: z.string().nullish(),
  metadata: metadataSchema.nullish(),
});

export interface NewVector {
  id: string;
  namespace: string | null;
  values: Float32Array;
  metadata: Metadata | null;
}

export function parseWrite(body: unknown, operation: 'insert' | 'upsert', dimensions: number): Parsed<NewVector[]> {
  const parsed = z.object({ vectors: z.array(vectorSchema).min(1) }).safeParse(body);
  if (!parsed.success) return fail(unreadableWrite(operation, firstIssue(parsed.error)));
  const { vectors } = parsed.data;
  if (vectors.length > MAX_VECTORS_PER_WRITE) return fail(tooManyVectors(vectors.length));
  for (const { id, values, namespace, metadata } of vectors) {
    if (byteLength(id) > MAX_ID_BYTES) return fail(idTooLong(id));
    if (namespace && isNamespaceTooLong(namespace)) return fail(namespaceTooLong(namespace));
    if (values.length !== dimensions) return fail(wrongVectorDimensions(id, dimensions, values.length));
    const metadataBytes = byteLength(JSON.stringify(metadata ?? {}));
    if (metadataBytes > MAX_METADATA_BYTES) return fail(oversizedMetadata(id, metadataBytes));
  }
  return succeed(
    vectors.map(({ id, values, namespace, metadata }) => ({
      id,
      namespace: namespace ?? null,
      values: Float32Array.from(values),
      metadata: metadata ?? null,
    })),
  );
}

export function parseIds(body: unknown, max: number): Parsed<string[]> {
  const parsed = z.object({ ids: z.array(z.string()) }).safeParse(body);
  if (!parsed.success) return fail(unreadableBody(firstIssue(parsed.error)));
  const { ids } = parsed.data;
  if (ids.length > max) return fail(tooManyIds(max, ids.length));
  const longId = ids.find((id) => byteLength(id) > MAX_ID_BYTES);
  return longId === undefined ? succeed(ids) : fail(idTooLong(longId));
}

const metadataIndexSchema = z.strictObject({ propertyName: z.string().min(1), indexType: z.enum(INDEX_TYPES) });

export function parseMetadataIndex(body: unknown): Parsed<z.infer<typeof metadataIndexSchema>> {
  const parsed = metadataIndexSchema.safeParse(body);
  return parsed.success ? succeed(parsed.data) : fail(unreadableBody(firstIssue(parsed.error)));
}

function isNamespaceTooLong(namespace: string): boolean {
  return byteLength(namespace) > MAX_NAMESPACE_BYTES;
}

function firstIssue({ issues }: z.ZodError): string {
  const [issue] = issues;
  return issue ? `${issue.path.join('.')}: ${issue.message}` : 'expected value';
}
