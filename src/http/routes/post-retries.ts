import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { RETRIABLE_STATES } from '../../catalog/retries.ts';
import { retryMatching } from '../../ingest/retry-documents.ts';
import { ApiProblem } from '../errors.ts';
import { filterBody } from '../filter-body.ts';
import type { HttpEnv } from '../http-env.ts';
import { readJson, readNamespace } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { header, LIST_PROBLEMS, problemResponses, response } from '../route-responses.ts';
import { refuseUnknownNamespace } from '../unanswered.ts';

const MAX_BODY_BYTES = 32_768;
const MAX_CODES = 50;

// What a request's own time is enough for: a few calls of the queue.
const MAX_RETRIES = 500;

const retriesBody = z
  .strictObject({
    states: z
      .array(z.enum(RETRIABLE_STATES))
      .min(1)
      .default(['failed'])
      .meta({ description: '`failed` ones were given up; those of the others wait for their next attempt.' }),
    codes: z
      .array(z.string().min(1).max(100))
      .min(1)
      .max(MAX_CODES)
      .nullable()
      .default(null)
      .meta({ description: 'Only those whose last error has one of these codes.' }),
    filter: filterBody.nullable().default(null),
  })
  .meta({ id: 'RetriesRequest' });

const count = z.number().int();
const retriesSchema = z
  .object({
    matched: count,
    requeued: count.meta({ description: `At most ${MAX_RETRIES}, those untouched for the longest time first.` }),
    remaining: count.meta({ description: 'Matched and not requeued: ask again.' }),
  })
  .meta({ id: 'RetriesResult' });

const SCHEMA = {
  operationId: 'retryDocuments',
  tags: ['Documents'],
  summary: 'Try many documents again',
  request: {
    params: namespaceParams,
    body: { required: true, content: { 'application/json': { schema: retriesBody } } },
  },
  responses: {
    200: response('Nothing matches.', 'application/json', retriesSchema),
    202: response('They are tried again.', 'application/json', retriesSchema, {
      Location: header('A list of the documents that wait.'),
    }),
    ...problemResponses(
      ...LIST_PROBLEMS,
      'INVALID_JSON',
      'NAMESPACE_NOT_FOUND',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
    ),
  },
};

/** Has many documents tried again now, with all their attempts. */
export class PostRetries extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const asked = await readJson(c, retriesBody, MAX_BODY_BYTES);
    const retried = await retryMatching(c.var.services.write, namespace, { ...asked, limit: MAX_RETRIES });
    if (!retried.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'The retries were not recorded.', {
        retryAfterMs: retried.error.retryAfterMs,
      });
    }
    const { matched, requeued } = retried.value;
    await refuseUnknownNamespace(c, namespace, matched);
    const result = { matched, requeued, remaining: matched - requeued };
    if (requeued === 0) return c.json(result, 200);
    return c.json(result, 202, { location: `/v1/namespaces/${namespace}/documents?state=queued` });
  }
}
