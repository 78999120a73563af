import * as z from 'zod';
import { CommandFailure } from '../../scripts/command.ts';
import type { GivenDocument, RequestEnd } from './expected-document.ts';
import type { OwnerOptions } from './owner.ts';
import type { OwnerPlan, Step } from './plan.ts';

interface Request {
  method: string;
  path: string;
  contentType?: string;
  body?: string;
}

const ANSWER_TIMEOUT_MS = 30_000;

const acceptedDocument = z.object({ version: z.int() });
const acceptedMany = z.object({
  items: z.array(z.object({ id: z.string(), status: z.int(), document: acceptedDocument.nullable() })),
});

/** One request for the documents at these places of the plan, and what became of each of them. */
export async function sendStep(
  plan: OwnerPlan,
  step: Step,
  places: number[],
  options: Pick<OwnerOptions, 'stack' | 'random' | 'onSend' | 'signal'>,
): Promise<RequestEnd[]> {
  const { stack, signal } = options;
  const { method, path, contentType, body } = requestFor(plan, step, places, options.random);
  const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
  const all = (end: RequestEnd) => places.map(() => end);
  try {
    const answer = fetch(`${stack.url}/v1/namespaces/${plan.namespace}/${path}`, {
      method,
      headers: { authorization: `Bearer ${stack.key}`, ...(contentType && { 'content-type': contentType }) },
      ...(body !== undefined && { body }),
      signal: patience,
    });
    options.onSend();
    const response = await answer;
    const text = await response.text();
    if (isOfMany(plan, step) && step.kind === 'put' && response.status < 300) {
      return endsOfMany(
        text,
        places.map((at) => plan.ids[at]),
      );
    }
    return all(endOf(step, response.status, text));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CommandFailure) throw error;
    return all(isRefusedConnection(error) ? { kind: 'refused' } : { kind: 'unknown' });
  }
}

function requestFor(plan: OwnerPlan, step: Step, places: number[], random: () => number): Request {
  const id = plan.ids[places[0] ?? 0] ?? '';
  const path = `documents/${encodeURIComponent(id)}`;
  const json = { contentType: 'application/json' };
  switch (step.kind) {
    case 'patch':
      return { ...json, method: 'PATCH', path, body: JSON.stringify(step.change) };
    case 'delete':
      if (!isOfMany(plan, step)) return { method: 'DELETE', path };
      return {
        ...json,
        method: 'POST',
        path: 'deletions',
        body: JSON.stringify({ filter: { set: { eq: plan.set } } }),
      };
    case 'put': {
      const bodies = places.flatMap((at) => bodyOf(step.given[at]));
      if (!isOfMany(plan, step)) return { ...json, method: 'PUT', path, body: JSON.stringify(bodies[0]) };
      const documents = places.map((at, n) => ({ id: plan.ids[at], ...bodies[n] }));
      const many = { method: 'POST', path: 'documents' };
      if (random() < 0.5) return { ...many, ...json, body: JSON.stringify({ documents }) };
      const lines = documents.map((one) => `${JSON.stringify(one)}\n`).join('');
      return { ...many, contentType: 'application/x-ndjson', body: lines };
    }
    default:
      return step satisfies never;
  }
}

function isOfMany({ ids }: OwnerPlan, { kind }: Step): boolean {
  return ids.length > 1 && kind !== 'patch';
}

function bodyOf(given: GivenDocument | undefined) {
  if (given === undefined) return [];
  const { markdown: content, title, url, metadata } = given;
  return [{ content, title, url, metadata }];
}

function endsOfMany(text: string, ids: (string | undefined)[]): RequestEnd[] {
  const { items } = acceptedMany.parse(JSON.parse(text));
  return ids.map((id) => {
    const item = items.find((one) => one.id === id);
    if (item === undefined) throw new CommandFailure(`The answer to a request with many documents lacks ${id}`);
    if (item.document !== null) return { kind: 'answered', version: item.document.version };
    return endOf({ kind: 'put', given: [] }, item.status, JSON.stringify(item));
  });
}

function endOf({ kind }: Step, status: number, body: string): RequestEnd {
  if (kind === 'delete' && (status === 202 || status === 404)) return { kind: 'answered', version: null };
  if (kind === 'patch' && status === 404) return { kind: 'answered', version: null };
  if (kind !== 'delete' && (status === 202 || status === 200)) {
    return { kind: 'answered', version: acceptedDocument.parse(JSON.parse(body)).version };
  }
  if (status === 429) return { kind: 'refused' };
  // Whatever stood in the way may have done so after the document was written.
  if (status >= 500) return { kind: 'unknown' };
  throw new CommandFailure(`A ${kind} was answered with ${status}: ${body.slice(0, 300)}`);
}

/** fetch says only "fetch failed"; what happened is in its cause. */
function isRefusedConnection(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
