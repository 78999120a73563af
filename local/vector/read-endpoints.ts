import { succeed } from '../../src/result.ts';
import { type ApiResult, refuse } from './api-failure.ts';
import { allOf, type Endpoint, type EndpointContext, embedEach, refuseEmbedding, type WithValues } from './endpoint.ts';
import { matchesFilter } from './filter/matches-filter.ts';
import { shortestFloat32 } from './float32.ts';
import {
  fetchSchema,
  type Include,
  MAX_BATCH,
  parseBody,
  parseDenseVector,
  parseFilterText,
  parseItems,
  queryDataSchema,
  querySchema,
  rangeSchema,
  type SearchOptions,
} from './requests.ts';
import { measureVector, scoreOf } from './similarity.ts';
import { TopScores } from './top-scores.ts';
import type { StoredVector } from './vector-namespace.ts';

interface WireVector {
  id: string;
  score?: number;
  vector?: number[];
  metadata?: Record<string, unknown>;
  data?: string;
}

export const query: Endpoint = (context, { namespace, body }) => {
  const items = parseItems(querySchema, body);
  if (!items.ok) return items;
  const queries = allOf(items.value.map((item) => parseDenseVector(item, context.index.settings.dimension)));
  return queries.ok ? searchEach(context, namespace, queries.value) : queries;
};

export const queryData: Endpoint = async (context, { namespace, body }) => {
  if (context.embed === null) return refuseEmbedding();
  const items = parseItems(queryDataSchema, body);
  if (!items.ok) return items;
  const queries = await embedEach(context, items.value);
  return queries.ok ? searchEach(context, namespace, queries.value) : queries;
};

/** A batch of exactly one is answered flat, like a single query: https://github.com/upstash/vector-js/issues/70 */
function searchEach(
  context: EndpointContext,
  namespace: string,
  queries: WithValues<SearchOptions>[],
): ApiResult<WireVector[] | WireVector[][]> {
  const results = allOf(queries.map((one) => search(context, namespace, one)));
  if (!results.ok) return results;
  return succeed(results.value.length === 1 ? (results.value[0] ?? []) : results.value);
}

/** Exact, where the service is approximate and may stop early under a selective filter. */
function search(
  { index }: EndpointContext,
  namespace: string,
  { item: options, values }: WithValues<SearchOptions>,
): ApiResult<WireVector[]> {
  const filter = parseFilterText(options.filter);
  if (!filter.ok) return filter;
  const wanted = measureVector(values);
  const best = new TopScores<StoredVector>(options.topK);
  for (const stored of index.namespace(namespace).indexed()) {
    if (filter.value !== null && !matchesFilter(filter.value, stored.metadata)) continue;
    best.offer(stored, scoreOf(index.settings.similarity, wanted, stored.vector));
  }
  return succeed(
    best
      .toArray()
      .map(({ item, score }) => ({ id: item.id, score: shortestFloat32(score), ...included(item, options) })),
  );
}

export const fetchVectors: Endpoint = ({ index }, { namespace, body }) => {
  const parsed = parseBody(fetchSchema, body);
  if (!parsed.ok) return parsed;
  const { ids, prefix, ...include } = parsed.value;
  if ((ids === undefined) === (prefix === undefined)) {
    return refuse(400, 'Invalid request: exactly one of ids and prefix is required');
  }
  const stored = index.namespace(namespace);
  if (ids !== undefined) {
    if (ids.length > MAX_BATCH) return refuse(400, `Invalid request: ids: more than ${MAX_BATCH}`);
    return succeed(ids.map((id) => toWireOrNull(stored.get(id), include)));
  }
  const matching = [...stored.written()].filter(({ id }) => id.startsWith(prefix ?? '')).slice(0, MAX_BATCH);
  return succeed(matching.map((vector) => toWire(vector, include)));
};

/** The cursor is the position of the next vector in the order of insertion, so pages are stable under deletions. */
export const range: Endpoint = ({ index }, { namespace, body }) => {
  const parsed = parseBody(rangeSchema, body);
  if (!parsed.ok) return parsed;
  const { cursor, limit, prefix, ...include } = parsed.value;
  const page: StoredVector[] = [];
  for (const vector of index.namespace(namespace).written()) {
    if (vector.sequence < cursor || !vector.id.startsWith(prefix)) continue;
    page.push(vector);
    if (page.length > limit) break;
  }
  const last = page.length > limit ? page[limit - 1] : undefined;
  return succeed({
    nextCursor: last === undefined ? '' : String(last.sequence + 1),
    vectors: page.slice(0, limit).map((vector) => toWire(vector, include)),
  });
};

function toWireOrNull(vector: StoredVector | undefined, include: Include): WireVector | null {
  return vector === undefined ? null : toWire(vector, include);
}

function toWire(vector: StoredVector, include: Include): WireVector {
  return { id: vector.id, ...included(vector, include) };
}

function included({ vector, metadata, data }: StoredVector, include: Include): Omit<WireVector, 'id'> {
  return {
    ...(include.includeVectors ? { vector: Array.from(vector.values, shortestFloat32) } : {}),
    ...(include.includeMetadata && metadata !== null ? { metadata } : {}),
    ...(include.includeData && data !== null ? { data } : {}),
  };
}
