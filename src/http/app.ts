import { fromHono } from 'chanfana';
import { Hono } from 'hono';
import type { ApiIsolate } from '../services.ts';
import { authenticate, authenticateIfAsked } from './authenticate.ts';
import { ApiProblem, asProblem, problemResponse } from './errors.ts';
import { followRequest } from './follow-request.ts';
import type { HttpEnv } from './http-env.ts';
import { limitRate } from './limit-rate.ts';
import { refuseQuery } from './refuse-query.ts';
import { requireServices } from './require-services.ts';
import { DeleteCache } from './routes/delete-cache.ts';
import { DeleteDocument } from './routes/delete-document.ts';
import { DeleteNamespace } from './routes/delete-namespace.ts';
import { GetCache } from './routes/get-cache.ts';
import { GetDocument } from './routes/get-document.ts';
import { GetDocumentChunks } from './routes/get-document-chunks.ts';
import { GetDocuments } from './routes/get-documents.ts';
import { GetErrorPage } from './routes/get-error-page.ts';
import { GetLiveness } from './routes/get-health-live.ts';
import { GetReadiness } from './routes/get-health-ready.ts';
import { GetIngestion } from './routes/get-ingestion.ts';
import { GetMetrics } from './routes/get-metrics.ts';
import { GetNamespace } from './routes/get-namespace.ts';
import { GetNamespaces } from './routes/get-namespaces.ts';
import { GetReconciliation } from './routes/get-reconciliation.ts';
import { GetReconciliations } from './routes/get-reconciliations.ts';
import { PatchDocument } from './routes/patch-document.ts';
import { PostAnswer } from './routes/post-answer.ts';
import { PostDeletions } from './routes/post-deletions.ts';
import { PostDocumentRetry } from './routes/post-document-retry.ts';
import { PostDocuments } from './routes/post-documents.ts';
import { PostReconciliation } from './routes/post-reconciliation.ts';
import { PostRetries } from './routes/post-retries.ts';
import { PostSearch } from './routes/post-search.ts';
import { PutAdminDependency } from './routes/put-admin-dependency.ts';
import { PutDocument } from './routes/put-document.ts';
import { PutNamespace } from './routes/put-namespace.ts';

const DEPENDENCY = '/v1/admin/dependencies/:name';
const RECONCILIATIONS = '/v1/admin/reconciliations';
const RECONCILIATION = `${RECONCILIATIONS}/:id`;
const DOCUMENT = '/v1/namespaces/:namespace/documents/:id';
const CHUNKS = `${DOCUMENT}/chunks`;
const RETRY = `${DOCUMENT}/retry`;
const DOCUMENTS = '/v1/namespaces/:namespace/documents';
const RETRIES = '/v1/namespaces/:namespace/retries';
const INGESTION = '/v1/namespaces/:namespace/ingestions/:id';
const SEARCH = '/v1/namespaces/:namespace/search';
const ANSWER = '/v1/namespaces/:namespace/answer';
const NAMESPACES = '/v1/namespaces';
const NAMESPACE = '/v1/namespaces/:namespace';
const DELETIONS = '/v1/namespaces/:namespace/deletions';
const CACHE = '/v1/namespaces/:namespace/cache';

/** The HTTP surface: middleware from the outside in, then one class per route. */
export function createApp({ telemetry, createServices }: ApiIsolate): Hono<HttpEnv> {
  const hono = new Hono<HttpEnv>();
  hono.use(followRequest(telemetry));
  hono.onError((error, c) => problemResponse(c, asProblem(error, c.var.requestId)));
  hono.notFound((c) => problemResponse(c, new ApiProblem('NOT_FOUND', 'No route has this address.')));
  for (const path of ['/v1/*', '/metrics']) hono.use(path, requireServices(createServices), authenticate, limitRate);
  hono.use('/health/ready', requireServices(createServices), authenticateIfAsked);
  // What takes documents has query parameters, and reads them itself.
  hono.on(['GET', 'DELETE'], DOCUMENT, refuseQuery);
  hono.on(['GET', 'PUT', 'DELETE'], NAMESPACE, refuseQuery);
  hono.on('POST', [SEARCH, ANSWER, DELETIONS, RETRY, RETRIES], refuseQuery);
  hono.on(['GET', 'DELETE'], CACHE, refuseQuery);
  hono.on('PUT', DEPENDENCY, refuseQuery);
  hono.on(['GET', 'POST'], RECONCILIATIONS, refuseQuery);
  hono.on('GET', RECONCILIATION, refuseQuery);

  const app = fromHono(hono, {
    openapi_url: '/openapi.json',
    docs_url: null,
    redoc_url: null,
    passthroughErrors: true,
    schema: {
      info: {
        title: 'Vigil',
        version: '1',
        description: 'Answers questions from your own documents, with citations.',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      security: [{ bearer: [] }],
    },
  });
  app.registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: '`vgl_sk_<environment>_<id>_<secret>`',
  });
  app.get('/health/live', GetLiveness);
  app.get('/errors/:code', GetErrorPage);
  app.get('/metrics', GetMetrics);
  app.put(DOCUMENT, PutDocument);
  app.get(DOCUMENT, GetDocument);
  app.patch(DOCUMENT, PatchDocument);
  app.delete(DOCUMENT, DeleteDocument);
  app.post(DELETIONS, PostDeletions);
  app.get(NAMESPACES, GetNamespaces);
  app.get(NAMESPACE, GetNamespace);
  app.put(NAMESPACE, PutNamespace);
  app.delete(NAMESPACE, DeleteNamespace);
  app.get(CHUNKS, GetDocumentChunks);
  app.post(RETRY, PostDocumentRetry);
  app.get(DOCUMENTS, GetDocuments);
  app.post(DOCUMENTS, PostDocuments);
  app.post(RETRIES, PostRetries);
  app.get(INGESTION, GetIngestion);
  app.post(SEARCH, PostSearch);
  app.post(ANSWER, PostAnswer);
  app.get(CACHE, GetCache);
  app.delete(CACHE, DeleteCache);
  app.get('/health/ready', GetReadiness);
  app.put(DEPENDENCY, PutAdminDependency);
  app.post(RECONCILIATIONS, PostReconciliation);
  app.get(RECONCILIATIONS, GetReconciliations);
  app.get(RECONCILIATION, GetReconciliation);

  refuseOtherMethods(hono);
  return hono;
}

function refuseOtherMethods(hono: Hono<HttpEnv>) {
  const allowed: [string, string][] = [
    [DELETIONS, 'POST'],
    [NAMESPACES, 'GET'],
    [NAMESPACE, 'GET, PUT, DELETE'],
    [DOCUMENT, 'GET, PUT, PATCH, DELETE'],
    [CHUNKS, 'GET'],
    [RETRY, 'POST'],
    [DOCUMENTS, 'GET, POST'],
    [RETRIES, 'POST'],
    [INGESTION, 'GET'],
    [SEARCH, 'POST'],
    [ANSWER, 'POST'],
    [CACHE, 'GET, DELETE'],
    ['/health/live', 'GET'],
    ['/errors/:code', 'GET'],
    ['/health/ready', 'GET'],
    [DEPENDENCY, 'PUT'],
    [RECONCILIATIONS, 'GET, POST'],
    [RECONCILIATION, 'GET'],
    ['/metrics', 'GET'],
    ['/openapi.json', 'GET'],
  ];
  for (const [path, allow] of allowed) {
    hono.all(path, (c) => {
      throw new ApiProblem('METHOD_NOT_ALLOWED', `This address takes ${allow}, not ${c.req.method}.`, {
        headers: { allow },
      });
    });
  }
  hono.all('/v1/namespaces/:namespace/documents/*', () => {
    throw new ApiProblem(
      'NOT_FOUND',
      'A document id is one path segment: encode its slashes as %2F (encodeURIComponent does).',
    );
  });
}
