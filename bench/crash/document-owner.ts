import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Connection } from '../../scripts/api-client.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { type ExpectedDocument, type Outcome, outcomesAfter, type RequestEnd } from './expected-document.ts';
import type { Deaths } from './kill-workers.ts';
import type { DocumentPlan, Step } from './plan.ts';

export interface OwnerTallies {
  answered: number;
  /** Requests whose answer never came. */
  unknown: number;
  /** Of these, the ones that no death of the Workers explains. */
  unexplained: number;
  /** Requests that met nobody, or were asked to come back. */
  refused: number;
}

interface OwnerOptions {
  stack: Connection;
  random(): number;
  tallies: OwnerTallies;
  deaths: Readonly<Deaths>;
  /** Called when a request is on its way. */
  onSend(): void;
  signal: AbortSignal;
}

const LOOK_AGAIN_MS = 250;
const ANSWER_TIMEOUT_MS = 30_000;
/** Of those that got no answer, how many are sent again; the others are left in doubt. */
const INSIST_SHARE = 0.6;

const acceptedDocument = z.object({ version: z.int() });

/** Does to one document what its plan says, and returns in which states it may be found in the end. */
export async function ownDocument(plan: DocumentPlan, options: OwnerOptions): Promise<ExpectedDocument> {
  const { namespace, id, steps } = plan;
  let outcomes: Outcome[] = [{ kind: 'absent' }];
  for (const step of steps) {
    await sleep(step.pauseMs, undefined, { signal: options.signal });
    outcomes = await takeStep(plan, step, outcomes, options);
  }
  return { namespace, id, outcomes };
}

async function takeStep(plan: DocumentPlan, step: Step, before: Outcome[], options: OwnerOptions): Promise<Outcome[]> {
  const wanted: Outcome =
    step.kind === 'put'
      ? { kind: 'present', version: null, given: { ...step.text, title: null, url: null, metadata: {} } }
      : { kind: 'absent' };
  const { tallies, deaths } = options;
  let outcomes = before;
  for (;;) {
    const { count, areDown } = deaths;
    const end = await send(plan, step, options);
    if (end.kind === 'unknown' && !areDown && deaths.count === count) tallies.unexplained += 1;
    outcomes = outcomesAfter(outcomes, wanted, end);
    tallies[end.kind] += 1;
    if (end.kind === 'answered') return outcomes;
    if (end.kind === 'unknown' && options.random() >= INSIST_SHARE) return outcomes;
    await sleep(LOOK_AGAIN_MS, undefined, { signal: options.signal });
  }
}

async function send({ namespace, id }: DocumentPlan, step: Step, options: OwnerOptions): Promise<RequestEnd> {
  const { stack, signal } = options;
  const url = `${stack.url}/v1/namespaces/${namespace}/documents/${encodeURIComponent(id)}`;
  const authorization = `Bearer ${stack.key}`;
  const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
  try {
    const answer = fetch(url, {
      ...(step.kind === 'delete'
        ? { method: 'DELETE', headers: { authorization } }
        : { method: 'PUT', headers: { authorization, 'content-type': 'text/markdown' }, body: step.text.markdown }),
      signal: patience,
    });
    options.onSend();
    const response = await answer;
    return endOf(step, response.status, await response.text());
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CommandFailure) throw error;
    return isRefusedConnection(error) ? { kind: 'refused' } : { kind: 'unknown' };
  }
}

function endOf(step: Step, status: number, body: string): RequestEnd {
  if (step.kind === 'delete' && (status === 202 || status === 404)) return { kind: 'answered', version: null };
  if (step.kind === 'put' && (status === 202 || status === 200)) {
    return { kind: 'answered', version: acceptedDocument.parse(JSON.parse(body)).version };
  }
  if (status === 429) return { kind: 'refused' };
  // Whatever stood in the way may have done so after the document was written.
  if (status >= 500) return { kind: 'unknown' };
  throw new CommandFailure(`A ${step.kind} was answered with ${status}: ${body.slice(0, 300)}`);
}

/** fetch says only "fetch failed"; what happened is in its cause. */
function isRefusedConnection(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
