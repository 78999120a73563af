import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../src/clock.ts';
import { type Result, succeed } from '../../src/result.ts';
import type { LocalRequest, LocalResponse, LocalService } from '../http-service.ts';
import { MAX_IDS_PER_DELETE, MAX_IDS_PER_GET } from './limits.ts';
import type { MetadataIndex } from './metadata.ts';
import type { Metric } from './nearest.ts';
import { parseIds, parseMetadataIndex, parseQuery, parseWrite } from './requests.ts';
import { openVectorIndex, type VectorIndex } from './vector-index.ts';
import { openVectorTables } from './vector-tables.ts';
import { TOO_MANY_REQUESTS, unreadableBody, type VectorizeFailure } from './vectorize-failure.ts';

export interface VectorizeOptions {
  /** Holds `vectorize.sqlite`. */
  stateDir: string;
  clock: Clock;
  dimensions: number;
  metric: Metric;
  visibilityDelayMs: number;
  /** What every index is created with. */
  metadataIndexes?: MetadataIndex[];
}

export interface VectorizeService extends LocalService {
  setVisibilityDelayMs(delayMs: number): void;
  close(): void;
}

const PATH = /^\/vectorize\/(?<index>[^/?]+)\/(?<instance>[^/?]+)\/(?<operation>[^/?]+)$/;

/**
 * Vectorize as the binding speaks to it: `POST /vectorize/<index>/<instance>/<operation>` with a JSON body; refusals
 * are `{code, error}`. Indexes and instances exist from their first use on and keep their own data.
 */
export function createVectorizeService(options: VectorizeOptions): VectorizeService {
  const { stateDir, clock, dimensions, metric, metadataIndexes = [] } = options;
  let { visibilityDelayMs } = options;
  mkdirSync(stateDir, { recursive: true });
  const tables = openVectorTables(join(stateDir, 'vectorize.sqlite'));
  const indexes = new Map<string, VectorIndex>();

  function indexOf(name: string, instance: string): VectorIndex {
    const key = `${name}/${instance}`;
    const known = indexes.get(key);
    if (known) return known;
    const index = openVectorIndex(tables, tables.spaceOf(name, instance), {
      clock,
      dimensions,
      metric,
      visibilityDelayMs: () => visibilityDelayMs,
    });
    for (const metadataIndex of metadataIndexes) index.createMetadataIndex(metadataIndex);
    indexes.set(key, index);
    return index;
  }

  function run(index: VectorIndex, operation: string, body: unknown): Result<unknown, VectorizeFailure> | null {
    switch (operation) {
      case 'query':
      case 'queryById': {
        const query = parseQuery(body, dimensions);
        if (!query.ok) return query;
        if ('vectorId' in query.value) return index.queryById(query.value.vectorId, query.value.options);
        return succeed(index.query(Float32Array.from(query.value.vector), query.value.options));
      }
      case 'insert':
      case 'upsert': {
        const vectors = parseWrite(body, operation, dimensions);
        return vectors.ok ? succeed(index.write(operation, vectors.value)) : vectors;
      }
      case 'getByIds': {
        const ids = parseIds(body, MAX_IDS_PER_GET);
        return ids.ok ? succeed(index.getByIds(ids.value)) : ids;
      }
      case 'deleteByIds': {
        const ids = parseIds(body, MAX_IDS_PER_DELETE);
        return ids.ok ? succeed(index.deleteByIds(ids.value)) : ids;
      }
      case 'describe':
        return succeed(index.describe());
      case 'create-metadata-index': {
        const parsed = parseMetadataIndex(body);
        if (!parsed.ok) return parsed;
        return index.createMetadataIndex({ property: parsed.value.propertyName, type: parsed.value.indexType });
      }
      default:
        return null;
    }
  }

  return {
    callOf(request) {
      const { instance, operation } = partsOf(request) ?? { instance: 'primary', operation: 'unknown' };
      return { service: 'vectorize', instance, operation };
    },

    async respond(request) {
      const parts = partsOf(request);
      if (!parts || request.method !== 'POST') return NOT_FOUND;
      const body = parseJson(request.body);
      if (body === undefined) return refuse(unreadableBody('expected value'));
      const result = run(indexOf(parts.index, parts.instance), parts.operation, body);
      if (!result) return NOT_FOUND;
      return result.ok ? json(200, result.value) : refuse(result.error);
    },

    // A failing edge has no JSON, which the binding reports as `<OP>_ERROR: Status + 500`.
    fail: (kind) => (kind === 'rate-limited' ? refuse(TOO_MANY_REQUESTS) : text(500, 'internal error')),

    setVisibilityDelayMs(delayMs) {
      visibilityDelayMs = delayMs;
    },
    close: tables.close,
  };
}

const NOT_FOUND: LocalResponse = text(404, 'not found');

function partsOf({ path }: LocalRequest): { index: string; instance: string; operation: string } | null {
  const { index, instance, operation } = PATH.exec(path.split('?', 1)[0] ?? '')?.groups ?? {};
  return index && instance && operation ? { index, instance, operation } : null;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function refuse({ status, code, error }: VectorizeFailure): LocalResponse {
  return json(status, { code, error });
}

function json(status: number, value: unknown): LocalResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function text(status: number, body: string): LocalResponse {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}
