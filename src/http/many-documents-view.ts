import type { Context } from 'hono';
import * as z from 'zod';
import type { IngestionItem } from '../catalog/ingestions.ts';
import type { ManyOutcome } from '../ingest/accept-many.ts';
import { documentSchema, viewDocument } from './document-view.ts';
import { ApiProblem, type FieldError, problemSchema, viewProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';
import type { ReadItem, UnreadRest } from './many-documents-body.ts';
import { PROBLEMS } from './problem-codes.ts';
import { refusedAcceptance } from './refused-acceptance.ts';

const itemSchema = z.object({
  index: z.number().int().meta({ description: 'Its place among the documents of the request, from 0.' }),
  line: z.number().int().nullable().meta({ description: 'Its line in NDJSON, from 1.' }),
  id: z.string().nullable(),
  status: z.number().int().meta({ description: 'What a PUT of this document alone would have answered.' }),
  outcome: z.enum(['created', 'updated', 'unchanged']).nullable(),
  document: documentSchema.nullable(),
  problem: problemSchema.nullable(),
});

/** The answer to a request with many documents. */
export const manyDocumentsSchema = z
  .object({
    id: z.string(),
    statusUrl: z.string(),
    counts: z.object({
      created: z.number().int(),
      updated: z.number().int(),
      unchanged: z.number().int(),
      refused: z.number().int(),
    }),
    items: z.array(itemSchema),
    unread: z
      .object({ line: z.number().int(), problem: problemSchema })
      .nullable()
      .meta({ description: 'From this line on nothing was read: send the rest in another request.' }),
  })
  .meta({ id: 'ManyDocumentsResult' });

/** One document of the request, as it was read, and what became of it. */
export type SettledItem = Omit<ReadItem, 'input' | 'problem'> &
  ({ problem: ApiProblem } | { problem: null; accepted: Accepted });
type Accepted = Extract<ManyOutcome, { ok: true }>['value'];

/** @throws Error for a document that was neither refused nor handed on: a bug */
export function settleItem(item: Omit<ReadItem, 'input'>, outcome: ManyOutcome | undefined): SettledItem {
  const { problem, ...place } = item;
  if (problem !== null) return { ...place, problem };
  if (outcome === undefined) throw new Error('a document was left without an outcome');
  return outcome.ok ? { ...place, problem: null, accepted: outcome.value } : { ...place, problem: problemOf(outcome) };
}

function problemOf({ error }: Extract<ManyOutcome, { ok: false }>): ApiProblem {
  if (error.kind !== 'unreached') return refusedAcceptance(error);
  return new ApiProblem('NOT_REACHED', 'The document was not accepted.', { retryAfterMs: 1_000 });
}

/** As the catalog keeps it. */
export function recordItem(item: SettledItem): IngestionItem {
  const { index: n, id: documentId, problem } = item;
  if (problem !== null) return { n, documentId, version: null, outcome: null, problemCode: problem.code };
  const { outcome, status } = item.accepted;
  return { n, documentId, version: status.version, outcome, problemCode: null };
}

export function viewManyDocuments(
  c: Context<HttpEnv>,
  { id, statusUrl, items, unread }: { id: string; statusUrl: string; items: SettledItem[]; unread: UnreadRest | null },
): z.infer<typeof manyDocumentsSchema> {
  const origin = new URL(c.req.url).origin;
  const count = (outcome: string) => items.filter((item) => item.problem === null && item.accepted.outcome === outcome);
  return {
    id,
    statusUrl,
    counts: {
      created: count('created').length,
      updated: count('updated').length,
      unchanged: count('unchanged').length,
      refused: items.filter(({ problem }) => problem !== null).length,
    },
    items: items.map((item) => viewItem(c, item, origin)),
    unread: unread && { line: unread.line, problem: viewProblem(c, unread.problem) },
  };
}

function viewItem(c: Context<HttpEnv>, item: SettledItem, origin: string): z.infer<typeof itemSchema> {
  const { index, line, id, problem } = item;
  if (problem !== null) {
    const { status } = PROBLEMS[problem.code];
    return { index, line, id, status, outcome: null, document: null, problem: viewProblem(c, problem) };
  }
  const { outcome, status } = item.accepted;
  const document = viewDocument(status, origin, item.accepted);
  return { index, line, id, status: outcome === 'unchanged' ? 200 : 202, outcome, document, problem: null };
}

/** 202 as soon as something is to be done; 207 when nothing is, and not all is well. */
export function statusOfMany(items: SettledItem[], unread: UnreadRest | null): 200 | 202 | 207 {
  if (items.some((item) => item.problem === null && item.accepted.outcome !== 'unchanged')) return 202;
  return unread !== null || items.some(({ problem }) => problem !== null) ? 207 : 200;
}

const MAX_FIELD_ERRORS = 100;

/** Why none of the documents was accepted; `null` when one was. Trying again helps if it would help one of them. */
export function commonProblem(items: SettledItem[], unread: UnreadRest | null): ApiProblem | null {
  const problems = items.map(({ problem }) => problem);
  if (unread !== null) problems.push(unread.problem);
  const refusals = problems.filter((problem) => problem !== null);
  if (refusals.length < problems.length) return null;
  const passing = refusals.filter(({ code }) => PROBLEMS[code].status >= 500 || PROBLEMS[code].status === 429);
  const codes = new Set((passing.length > 0 ? passing : refusals).map(({ code }) => code));
  const [code = 'VALIDATION_FAILED'] = codes;
  const [first] = passing.length > 0 ? passing : refusals;
  const retryAfterMs = retryAfterOf(items, unread);
  const detail = `None of the documents was accepted. ${first?.message ?? ''}`.trim();
  return new ApiProblem(codes.size === 1 || passing.length > 0 ? code : 'DOCUMENTS_REFUSED', detail, {
    fieldErrors: items.flatMap(fieldErrorsOf).slice(0, MAX_FIELD_ERRORS),
    ...(retryAfterMs !== null && { retryAfterMs }),
  });
}

/** With pointers into the request; NDJSON is a list, whose lines the details name. */
function fieldErrorsOf({ index, line, problem }: SettledItem): FieldError[] {
  if (problem === null) return [];
  const pointer = line === null ? `/documents/${index}` : `/${index}`;
  const place = line === null ? '' : `line ${line}: `;
  if (problem.fieldErrors.length === 0) return [{ pointer, detail: `${place}${problem.message}` }];
  return problem.fieldErrors.map((error) => ({
    pointer: `${pointer}${error.pointer}`,
    detail: `${place}${error.detail}`,
  }));
}

/** How long to wait before sending those again that were refused for now; `null` when there are none. */
export function retryAfterOf(items: SettledItem[], unread: UnreadRest | null): number | null {
  const waits = [...items.map(({ problem }) => problem), unread?.problem].map((problem) => problem?.retryAfterMs ?? 0);
  const longestMs = waits.reduce((longest, wait) => Math.max(longest, wait), 0);
  return longestMs === 0 ? null : longestMs;
}
