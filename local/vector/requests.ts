import * as z from 'zod';
import { succeed } from '../../src/result.ts';
import { type ApiResult, refuse } from './api-failure.ts';
import type { Filter } from './filter/filter-ast.ts';
import { FilterSyntaxError } from './filter/filter-syntax-error.ts';
import { parseFilter } from './filter/parse-filter.ts';

/** https://upstash.com/docs/vector/features/metadata; that K and M are binary, and the statuses, are inferred. */
const MAX_METADATA_BYTES = 48 * 1024;
const MAX_DATA_BYTES = 1024 * 1024;
/** The API schema shows 1,000 reads and 1,000 writes per request as the values of an index. */
export const MAX_BATCH = 1000;
const MAX_TOP_K = 1000;

/** Numbers are accepted and come back as strings. */
const id = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => value !== '', 'must not be empty');
const ids = z.union([z.array(id), id.transform((single) => [single])]);
const values = z.array(z.number());
const metadata = z.record(z.string(), z.unknown()).refine((value) => !exceedsMetadataLimit(value), 'exceeds 48 KB');
const data = z.string().refine((value) => Buffer.byteLength(value) <= MAX_DATA_BYTES, 'exceeds 1 MB');
const text = data.refine((value) => value !== '', 'must not be empty');
const include = {
  includeVectors: z.boolean().default(false),
  includeMetadata: z.boolean().default(false),
  includeData: z.boolean().default(false),
};
const search = { topK: z.int().min(1).max(MAX_TOP_K).default(10), filter: z.string().default(''), ...include };

export const upsertSchema = z.object({
  id,
  vector: values.optional(),
  sparseVector: z.unknown().optional(),
  metadata: metadata.nullish(),
  data: data.nullish(),
});
export const upsertDataSchema = z.object({ id, data: text, metadata: metadata.nullish() });
export const querySchema = z.object({ vector: values.optional(), sparseVector: z.unknown().optional(), ...search });
export const queryDataSchema = z.object({ data: text, ...search });
export const updateSchema = z.object({
  id,
  vector: values.optional(),
  sparseVector: z.unknown().optional(),
  metadata: metadata.optional(),
  data: text.optional(),
  metadataUpdateMode: z.enum(['OVERWRITE', 'PATCH']).default('OVERWRITE'),
});
export const fetchSchema = z.object({ ids: ids.optional(), prefix: z.string().optional(), ...include });
export const deleteSchema = z.object({
  ids: ids.optional(),
  prefix: z.string().optional(),
  filter: z.string().optional(),
});
/** The body was once the id, or the ids, alone, and older pages still show it. */
export const deleteBareIdsSchema = ids;
export const rangeSchema = z.object({
  cursor: z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((value) => /^\d+$/.test(value), 'is not a cursor')
    .transform(Number),
  limit: z.int().min(1).max(MAX_BATCH),
  prefix: z.string().default(''),
  ...include,
});

export type SearchOptions = Omit<z.output<typeof queryDataSchema>, 'data'>;
export type Include = Pick<SearchOptions, 'includeVectors' | 'includeMetadata' | 'includeData'>;

export function parseBody<S extends z.ZodType>(schema: S, body: unknown): ApiResult<z.output<S>> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return succeed(parsed.data);
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') || 'the body';
  return refuse(400, `Invalid request: ${field}: ${issue?.message ?? 'not understood'}`);
}

/** One item or an array of them. That an empty array is refused is inferred. */
export function parseItems<S extends z.ZodType>(schema: S, body: unknown): ApiResult<z.output<S>[]> {
  const items = Array.isArray(body) ? body : [body];
  if (items.length === 0) return refuse(400, 'Invalid request: the array is empty');
  if (items.length > MAX_BATCH) return refuse(400, `Invalid request: more than ${MAX_BATCH} items`);
  return parseBody(z.array(schema), items);
}

/** `null`: no filter. Upstash prefixes what its parser says with "Invalid filter". */
export function parseFilterText(source: string): ApiResult<Filter | null> {
  if (source.trim() === '') return succeed(null);
  try {
    return succeed(parseFilter(source));
  } catch (error) {
    if (error instanceof FilterSyntaxError) return refuse(400, `Invalid filter. ${error.message}`);
    throw error;
  }
}

/** A dense vector fit for the index, in its own precision. */
function parseVector(vector: number[], dimension: number): ApiResult<Float32Array> {
  if (vector.length !== dimension) {
    return refuse(422, `Invalid vector dimension: ${vector.length}, expected: ${dimension}`);
  }
  const singles = Float32Array.from(vector);
  if (!singles.every(Number.isFinite)) return refuse(400, 'Invalid request: vector: beyond the range of float32');
  return succeed(singles);
}

/** The vector of an item for a dense index; the wordings about its kind are inferred, the status is documented. */
export function parseDenseVector<T extends { vector?: number[] | undefined; sparseVector?: unknown }>(
  item: T,
  dimension: number,
): ApiResult<{ item: T; values: Float32Array }> {
  if (item.sparseVector !== undefined) return refuse(422, 'Sparse vectors are not allowed for a dense index');
  if (item.vector === undefined) return refuse(422, 'A dense vector is required for a dense index');
  const values = parseVector(item.vector, dimension);
  return values.ok ? succeed({ item, values: values.value }) : values;
}

export function exceedsMetadataLimit(value: Record<string, unknown>): boolean {
  return Buffer.byteLength(JSON.stringify(value)) > MAX_METADATA_BYTES;
}
