import type * as z from 'zod';
import { succeed } from '../../src/result.ts';
import { type ApiResult, refuse } from './api-failure.ts';
import { allOf, type Endpoint, type EndpointContext, embedEach, refuseEmbedding, type WithValues } from './endpoint.ts';
import { matchesFilter } from './filter/matches-filter.ts';
import { mergePatch } from './merge-patch.ts';
import {
  deleteBareIdsSchema,
  deleteSchema,
  exceedsMetadataLimit,
  MAX_BATCH,
  parseBody,
  parseDenseVector,
  parseFilterText,
  parseItems,
  updateSchema,
  upsertDataSchema,
  upsertSchema,
} from './requests.ts';
import type { VectorDraft } from './vector-index.ts';
import type { VectorNamespace } from './vector-namespace.ts';

export const upsert: Endpoint = ({ index }, { namespace, body }) => {
  const items = parseItems(upsertSchema, body);
  if (!items.ok) return items;
  const vectors = allOf(items.value.map((item) => parseDenseVector(item, index.settings.dimension)));
  if (!vectors.ok) return vectors;
  index.write(namespace, vectors.value.map(toDraft));
  return succeed('Success');
};

export const upsertData: Endpoint = async (context, { namespace, body }) => {
  if (context.embed === null) return refuseEmbedding();
  const items = parseItems(upsertDataSchema, body);
  if (!items.ok) return items;
  const vectors = await embedEach(context, items.value);
  if (!vectors.ok) return vectors;
  context.index.write(namespace, vectors.value.map(toDraft));
  return succeed('Success');
};

function toDraft({ item, values }: WithValues<z.output<typeof upsertSchema>>): VectorDraft {
  return { id: item.id, values, metadata: item.metadata ?? null, data: item.data ?? null };
}

export const update: Endpoint = async (context, { namespace, body }) => {
  const parsed = parseBody(updateSchema, body);
  if (!parsed.ok) return parsed;
  const change = parsed.value;
  const given = [change.vector, change.sparseVector, change.metadata, change.data];
  if (given.every((part) => part === undefined)) {
    return refuse(400, 'Invalid request: one of vector, metadata and data is required');
  }
  const values = await updatedVector(context, change);
  if (!values.ok) return values;

  const before = context.index.namespace(namespace).get(change.id);
  if (before === undefined) return succeed({ updated: 0 });
  const metadata = updatedMetadata(change, before.metadata);
  if (metadata !== null && exceedsMetadataLimit(metadata)) {
    return refuse(400, 'Invalid request: metadata: exceeds 48 KB');
  }
  context.index.write(namespace, [
    { id: change.id, values: values.value ?? before.vector.values, metadata, data: change.data ?? before.data },
  ]);
  return succeed({ updated: 1 });
};

type Update = z.output<typeof updateSchema>;

/** `null`: stays as it is. New data is embedded where the index has a model and no vector comes with it. */
async function updatedVector(context: EndpointContext, change: Update): Promise<ApiResult<Float32Array | null>> {
  if (change.vector !== undefined || change.sparseVector !== undefined) {
    const parsed = parseDenseVector(change, context.index.settings.dimension);
    return parsed.ok ? succeed(parsed.value.values) : parsed;
  }
  if (change.data === undefined || context.embed === null) return succeed(null);
  const embedded = await embedEach(context, [{ data: change.data }]);
  return embedded.ok ? succeed(embedded.value[0]?.values ?? null) : embedded;
}

function updatedMetadata(change: Update, before: Record<string, unknown> | null): Record<string, unknown> | null {
  if (change.metadata === undefined) return before;
  return change.metadataUpdateMode === 'PATCH' ? mergePatch(before ?? {}, change.metadata) : change.metadata;
}

/** Exactly one of ids, prefix and filter. Upstash scans every vector for a filter; so does this. */
export const deleteVectors: Endpoint = ({ index }, { namespace, body }) => {
  const ids = idsToDelete(index.namespace(namespace), body);
  return ids.ok ? succeed({ deleted: index.remove(namespace, ids.value) }) : ids;
};

function idsToDelete(namespace: VectorNamespace, body: unknown): ApiResult<string[]> {
  const isBare = Array.isArray(body) || typeof body !== 'object';
  const parsed = isBare ? parseBody(deleteBareIdsSchema, body) : parseBody(deleteSchema, body);
  if (!parsed.ok) return parsed;
  const { ids, prefix, filter } = Array.isArray(parsed.value) ? { ids: parsed.value } : parsed.value;

  const given = [ids, prefix, filter].filter((criterion) => criterion !== undefined);
  if (given.length !== 1) return refuse(400, 'Invalid request: exactly one of ids, prefix and filter is required');
  if (ids !== undefined) {
    return ids.length > MAX_BATCH ? refuse(400, `Invalid request: ids: more than ${MAX_BATCH}`) : succeed(ids);
  }
  const written = [...namespace.written()];
  if (prefix !== undefined) {
    if (prefix === '') return refuse(400, 'Invalid request: prefix: must not be empty');
    return succeed(written.map(({ id }) => id).filter((id) => id.startsWith(prefix)));
  }
  const criterion = parseFilterText(filter ?? '');
  if (!criterion.ok) return criterion;
  const condition = criterion.value;
  if (condition === null) return refuse(400, 'Invalid request: filter: must not be empty');
  return succeed(written.filter(({ metadata }) => matchesFilter(condition, metadata)).map(({ id }) => id));
}
