import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../scripts/api-client.ts';
import { type ExpectedDocument, type Outcome, outcomesAfter, type RequestEnd } from './expected-document.ts';
import type { Deaths } from './kill-workers.ts';
import { changed, type OwnerPlan, type Step } from './plan.ts';
import { sendStep } from './send-step.ts';

/** Of requests, those with many documents once for each. */
export interface OwnerTallies {
  answered: number;
  /** Requests whose answer never came. */
  unknown: number;
  /** Of these, the ones that no death of the Workers explains. */
  unexplained: number;
  /** Requests that met nobody, or were asked to come back. */
  refused: number;
}

export interface OwnerOptions {
  stack: Connection;
  random(): number;
  tallies: OwnerTallies;
  deaths: Readonly<Deaths>;
  /** Called when a request is on its way. */
  onSend(): void;
  signal: AbortSignal;
}

const LOOK_AGAIN_MS = 250;
/** Of those that got no answer, how many are sent again; the others are left in doubt. */
const INSIST_SHARE = 0.8;

/** Does what the plan says, and returns in which states its documents may be found in the end. */
export async function own(plan: OwnerPlan, options: OwnerOptions): Promise<ExpectedDocument[]> {
  const documents: ExpectedDocument[] = plan.ids.map((id) => {
    return { namespace: plan.namespace, id, outcomes: [{ kind: 'absent' }] };
  });
  for (const step of plan.steps) {
    await sleep(step.pauseMs, undefined, { signal: options.signal });
    await takeStep(plan, step, documents, options);
  }
  return documents;
}

async function takeStep(plan: OwnerPlan, step: Step, documents: ExpectedDocument[], options: OwnerOptions) {
  // Each document of a set is changed by a request of its own.
  const turns = step.kind === 'patch' ? documents.map((_, at) => [at]) : [documents.map((_, at) => at)];
  for (const turn of turns) await insist(plan, step, turn, documents, options);
}

/** Sends the step, and again what was refused of it, until all is answered or left in doubt. */
async function insist(
  plan: OwnerPlan,
  step: Step,
  turn: number[],
  documents: ExpectedDocument[],
  options: OwnerOptions,
) {
  let open = turn;
  while (open.length > 0) {
    const ends = await sendAndTally(plan, step, open, options);
    for (const [n, at] of open.entries()) {
      const document = documents[at];
      const end = ends[n];
      if (document === undefined || end === undefined) throw new Error('a document without an end of its request');
      document.outcomes = outcomesAfter(document.outcomes, wantedBy(step, at, document.outcomes), end);
    }
    // Once for all of them: what deletes them deletes all.
    const isInsistent = options.random() < INSIST_SHARE;
    open = open.filter((_, n) => ends[n]?.kind === 'refused' || (ends[n]?.kind === 'unknown' && isInsistent));
    if (open.length > 0) await sleep(LOOK_AGAIN_MS, undefined, { signal: options.signal });
  }
}

async function sendAndTally(
  plan: OwnerPlan,
  step: Step,
  open: number[],
  { tallies, deaths, ...options }: OwnerOptions,
): Promise<RequestEnd[]> {
  const { count, areDown } = deaths;
  const ends = await sendStep(plan, step, open, options);
  const isExplained = areDown || deaths.count > count;
  for (const { kind } of ends) {
    tallies[kind] += 1;
    if (kind === 'unknown' && !isExplained) tallies.unexplained += 1;
  }
  return ends;
}

function wantedBy(step: Step, at: number, before: Outcome[]): Outcome[] {
  switch (step.kind) {
    case 'delete':
      return [{ kind: 'absent' }];
    case 'put': {
      const given = step.given[at];
      if (given === undefined) throw new Error('a plan that gives fewer documents than it has');
      return [{ kind: 'present', version: null, given }];
    }
    case 'patch':
      return before.map((one) => (one.kind === 'absent' ? one : { ...one, given: changed(one.given, step.change) }));
    default:
      return step satisfies never;
  }
}
