import type { Context } from 'hono';
import * as z from 'zod';
import type { DeletionTarget } from '../catalog/deletion-target.ts';
import { documentId } from '../catalog/document-id.ts';
import { invalidFields } from './errors.ts';
import { filterBody } from './filter-body.ts';
import type { HttpEnv } from './http-env.ts';
import { readJson } from './read-request.ts';

const MAX_IDS = 1_000;
// Every id as long as it may be, each character escaped.
const MAX_BODY_BYTES = MAX_IDS * 512 * 6;

/** Which documents to delete: exactly one of the two. */
export const deletionBody = z
  .strictObject({
    filter: filterBody.optional(),
    ids: z
      .array(documentId)
      .min(1, 'is empty')
      .max(MAX_IDS, `may list at most ${MAX_IDS} ids`)
      .optional()
      .meta({ description: 'Ids that are not here are no error.' }),
  })
  .meta({ id: 'DeletionInput' });

export async function readDeletion(c: Context<HttpEnv>, namespace: string): Promise<DeletionTarget> {
  const { filter, ids } = await readJson(c, deletionBody, MAX_BODY_BYTES);
  if (filter !== undefined && ids === undefined) return { kind: 'filter', filter };
  if (ids !== undefined && filter === undefined) return { kind: 'ids', ids };
  const detail =
    filter === undefined
      ? `takes "filter" or "ids"; to delete every document, DELETE /v1/namespaces/${namespace}`
      : 'takes "filter" or "ids", not both';
  throw invalidFields([{ pointer: '', detail }]);
}
