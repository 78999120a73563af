import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import { acceptMany, type ManyItem } from '../../ingest/accept-many.ts';
import { deadlineIn } from '../../resilience/deadline.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { ingestionPath } from '../ingestion-view.ts';
import {
  documentOfMany,
  manyDocumentsBody,
  NDJSON,
  noDocuments,
  type ReadItem,
  readManyDocuments,
} from '../many-documents-body.ts';
import {
  commonProblem,
  manyDocumentsSchema,
  recordItem,
  retryAfterOf,
  type SettledItem,
  settleItem,
  statusOfMany,
  viewManyDocuments,
} from '../many-documents-view.ts';
import { readNamespace } from '../read-request.ts';
import { namespaceParams } from '../route-params.ts';
import { INGESTION_LOCATION, MANY_PROBLEMS, problemResponses, RETRY_AFTER, response } from '../route-responses.ts';

const JSON_TYPE = 'application/json';
const SCHEMA = {
  operationId: 'postDocuments',
  tags: ['Documents'],
  summary: 'Create or replace many documents',
  description:
    'Each is accepted or refused by itself, as `items` says. Sending the same again does no harm: what is here already is `unchanged`.',
  request: {
    params: namespaceParams,
    body: {
      required: true,
      content: { [JSON_TYPE]: { schema: manyDocumentsBody }, [NDJSON]: { schema: documentOfMany } },
    },
  },
  responses: {
    200: response('All unchanged: nothing was done and nothing is charged.', JSON_TYPE, manyDocumentsSchema),
    202: response('At least one was accepted.', JSON_TYPE, manyDocumentsSchema, {
      ...INGESTION_LOCATION,
      ...RETRY_AFTER,
    }),
    207: response('None has changed, and some were refused.', JSON_TYPE, manyDocumentsSchema, RETRY_AFTER),
    ...problemResponses(...MANY_PROBLEMS),
  },
};

/** Accepts many documents for ingestion, each by itself. */
export class PostDocuments extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const namespace = readNamespace(c);
    const { items, unread } = await settleDocuments(c, namespace);
    const problem = commonProblem(items, unread);
    if (problem !== null) throw problem;
    const id = await recordIngestion(c, namespace, items);
    const path = ingestionPath(namespace, id);
    const statusUrl = `${new URL(c.req.url).origin}${path}`;
    const status = statusOfMany(items, unread);
    const retryAfterMs = retryAfterOf(items, unread);
    return c.json(viewManyDocuments(c, { id, statusUrl, items, unread }), status, {
      ...(status === 202 && { location: path }),
      ...(retryAfterMs !== null && { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
    });
  }
}

async function settleDocuments(c: Context<HttpEnv>, namespace: string) {
  const { config, clock, write } = c.var.services;
  const deadline = deadlineIn(clock, config.MANY_DOCUMENTS_DEADLINE_MS);
  const limits = {
    maxDocuments: config.MAX_DOCUMENTS_PER_REQUEST,
    maxBytes: config.MAX_REQUEST_BYTES,
    document: config,
  };
  const many = await readManyDocuments(c, namespace, limits, deadline);
  const read: Omit<ReadItem, 'input'>[] = [];
  const outcomes = await acceptMany(write, acceptable(many.items, read), { namespace, deadline });
  if (read.length === 0 && many.unread() === null) throw noDocuments();
  return { items: read.map((item) => settleItem(item, outcomes.get(item.index))), unread: many.unread() };
}

/** Those that can be accepted; of each it is noted that it was there, without its text. */
async function* acceptable(items: AsyncGenerator<ReadItem>, read: Omit<ReadItem, 'input'>[]): AsyncGenerator<ManyItem> {
  for await (const { input, ...place } of items) {
    read.push(place);
    if (input !== null) yield { index: place.index, input };
  }
}

async function recordIngestion(c: Context<HttpEnv>, namespace: string, items: SettledItem[]): Promise<string> {
  const { clock, write } = c.var.services;
  const { ingestions } = write.catalog;
  const ingestion = { id: write.newId(), namespace, createdAtMs: clock.nowMs(), items: items.map(recordItem) };
  const deadline = deadlineIn(clock, write.settings.writeDeadlineMs);
  const record = () => ingestions.record(ingestion, deadline);
  const first = await record();
  const recorded = first.ok ? first : await record();
  if (recorded.ok) return ingestion.id;
  const accepted = items.filter(({ problem }) => problem === null).length;
  throw new ApiProblem(
    'INGESTION_NOT_RECORDED',
    `Of ${items.length} documents ${accepted} are here now, but which ones could not be written down.`,
    { retryAfterMs: recorded.error.retryAfterMs ?? 2_000 },
  );
}
