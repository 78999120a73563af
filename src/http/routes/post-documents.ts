import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { acceptMany } from '../../ingest/accept-many.ts';
import { type Deadline, deadlineIn } from '../../resilience/deadline.ts';
import { jsonQuery } from '../document-body.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { isDryRun } from '../ingestion-plan-view.ts';
import { ingestionPath } from '../ingestion-view.ts';
import {
  documentOfMany,
  type ManyDocuments,
  manyDocumentsBody,
  NDJSON,
  noDocuments,
  type ReadItem,
  readManyDocuments,
  withInput,
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
import { manyPlansSchema, planManyDocuments } from '../plan-many-documents.ts';
import { readNamespace, readQuery } from '../read-request.ts';
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
    query: jsonQuery,
    body: {
      required: true,
      content: { [JSON_TYPE]: { schema: manyDocumentsBody }, [NDJSON]: { schema: documentOfMany } },
    },
  },
  responses: {
    200: response(
      'All unchanged: nothing was done and nothing is charged. With `dryRun`, what ingesting them would come to.',
      JSON_TYPE,
      z.union([manyDocumentsSchema, manyPlansSchema]),
    ),
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
    readQuery(c, jsonQuery);
    const { config, clock } = c.var.services;
    const deadline = deadlineIn(clock, config.MANY_DOCUMENTS_DEADLINE_MS);
    const many = await readDocuments(c, namespace, deadline);
    if (isDryRun(c)) return c.json(await planManyDocuments(c, namespace, many, deadline), 200);
    const { items, unread } = await settleDocuments(c, namespace, many, deadline);
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

function readDocuments(c: Context<HttpEnv>, namespace: string, deadline: Deadline) {
  const { config } = c.var.services;
  const limits = {
    maxDocuments: config.MAX_DOCUMENTS_PER_REQUEST,
    maxBytes: config.MAX_REQUEST_BYTES,
    document: config,
  };
  return readManyDocuments(c, namespace, limits, deadline);
}

async function settleDocuments(c: Context<HttpEnv>, namespace: string, many: ManyDocuments, deadline: Deadline) {
  const { write } = c.var.services;
  const read: Omit<ReadItem, 'input'>[] = [];
  const outcomes = await acceptMany(write, withInput(many.items, read), { namespace, deadline });
  if (read.length === 0 && many.unread() === null) throw noDocuments();
  return { items: read.map((item) => settleItem(item, outcomes.get(item.index))), unread: many.unread() };
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
