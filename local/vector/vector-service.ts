import type { Clock } from '../../src/clock.ts';
import { succeed } from '../../src/result.ts';
import type { LocalRequest, LocalResponse, LocalService } from '../http-service.ts';
import { type ApiFailure, type ApiResult, refuse } from './api-failure.ts';
import type { EmbedTexts, Endpoint } from './endpoint.ts';
import { deleteNamespace, info, listNamespaces, reset } from './namespace-endpoints.ts';
import { fetchVectors, query, queryData, range } from './read-endpoints.ts';
import type { SimilarityFunction } from './similarity.ts';
import { VectorIndex } from './vector-index.ts';
import { deleteVectors, update, upsert, upsertData } from './write-endpoints.ts';

export interface VectorServiceOptions {
  stateDir: string;
  token: string;
  clock: Clock;
  dimension: number;
  similarity: SimilarityFunction;
  /** The hosted model; `null`: the index was created without one. */
  embed: EmbedTexts | null;
  embeddingModel: string | null;
  /** How long queries do not see a write. */
  visibilityDelayMs: number;
}

export interface VectorService extends LocalService {
  close(): void;
  /** Counts for writes still pending too. */
  setVisibilityDelayMs(delayMs: number): void;
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['upsert', upsert],
  ['upsert-data', upsertData],
  ['update', update],
  ['delete', deleteVectors],
  ['query', query],
  ['query-data', queryData],
  ['fetch', fetchVectors],
  ['range', range],
  ['info', info],
  ['reset', reset],
  ['list-namespaces', listNamespaces],
  ['delete-namespace', deleteNamespace],
]);

/** https://upstash.com/docs/vector/api/get-started lists four methods; some pages of endpoints show DELETE. */
const METHODS = ['HEAD', 'GET', 'POST', 'PUT'];
const ENDPOINTS_WITH_DELETE = ['delete', 'reset', 'delete-namespace'];

/**
 * Upstash Vector's REST API for one dense index. Everything is kept in `<stateDir>/vector.sqlite`; throws when that
 * file belongs to an index with other settings.
 */
export function createVectorService(options: VectorServiceOptions): VectorService {
  const { stateDir, token, clock, dimension, similarity, embed, embeddingModel, visibilityDelayMs } = options;
  const settings = { dimension, similarity, embeddingModel };
  const index = new VectorIndex({ stateDir, settings, clock, visibilityDelayMs });

  async function handle(request: LocalRequest): Promise<ApiResult<unknown>> {
    if (request.headers.get('authorization') !== `Bearer ${token}`) {
      return refuse(401, 'Unauthorized: Invalid auth token');
    }
    const { endpointName, namespace: encodedNamespace, query: searchParams } = parseTarget(request.path);
    const endpoint = ENDPOINTS.get(endpointName);
    if (endpoint === undefined || encodedNamespace.includes('/')) return refuse(404, 'Not Found');
    if (!METHODS.includes(request.method) && !isDelete(request.method, endpointName)) {
      return refuse(405, 'Method Not Allowed');
    }
    const namespace = decodeNamespace(encodedNamespace);
    if (!namespace.ok) return namespace;
    const body = parseJson(request.body);
    if (!body.ok) return body;
    return endpoint({ index, embed }, { namespace: namespace.value, query: searchParams, body: body.value });
  }

  return {
    callOf: (request) => {
      const { endpointName } = parseTarget(request.path);
      return {
        service: 'vector',
        instance: 'primary',
        operation: ENDPOINTS.has(endpointName) ? endpointName : 'unknown',
      };
    },
    async respond(request) {
      const result = await handle(request);
      return result.ok ? jsonResponse(200, { result: result.value }) : failureResponse(result.error);
    },
    // Neither text is documented; a 429 has never been seen in public, its status is the usual one.
    fail: (kind) =>
      kind === 'error'
        ? failureResponse({ status: 500, error: 'Internal Server Error' })
        : failureResponse({ status: 429, error: 'Too Many Requests' }),
    close: () => index.close(),
    setVisibilityDelayMs: (delayMs) => index.setVisibilityDelayMs(delayMs),
  };
}

/** `/query/ns?x` → query, ns, x. */
function parseTarget(path: string): { endpointName: string; namespace: string; query: URLSearchParams } {
  const queryStart = path.indexOf('?');
  const pathname = queryStart === -1 ? path : path.slice(0, queryStart);
  const [, endpointName = '', ...rest] = pathname.split('/');
  const query = new URLSearchParams(queryStart === -1 ? '' : path.slice(queryStart));
  return { endpointName, namespace: rest.join('/'), query };
}

function isDelete(method: string, endpointName: string): boolean {
  return method === 'DELETE' && ENDPOINTS_WITH_DELETE.includes(endpointName);
}

function decodeNamespace(encoded: string): ApiResult<string> {
  try {
    return succeed(decodeURIComponent(encoded));
  } catch {
    return refuse(400, 'Invalid request: the namespace is not valid percent-encoding');
  }
}

/** `undefined` for no body at all, which endpoints without parameters accept. */
function parseJson(body: Uint8Array): ApiResult<unknown> {
  if (body.byteLength === 0) return succeed(undefined);
  try {
    return succeed(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return refuse(400, 'Invalid request: the body is not valid JSON');
  }
}

function failureResponse(failure: { status: ApiFailure['status'] | 429 | 500; error: string }): LocalResponse {
  return jsonResponse(failure.status, failure);
}

function jsonResponse(status: number, body: unknown): LocalResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
