import type { Deletion } from '../catalog/deletions.ts';
import type { DocumentKey } from '../catalog/documents.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { enqueue } from './enqueue.ts';
import type { IngestServices, WriteServices } from './ingest-services.ts';
import type { IngestMessage } from './message.ts';

type Needed = Pick<WriteServices | IngestServices, 'catalog' | 'queue' | 'telemetry' | 'clock' | 'namespaceStates'>;

// A slice takes four of the 1,000 queries that an invocation has (https://developers.cloudflare.com/d1/platform/limits/).
const MOST_SLICES = 100;
// Time to send messages, and to make the change known.
const CLOSING_MS = 3_000;
// The queue is everybody's: a namespace of a hundred thousand documents must not stand before what others put.
const MOST_MESSAGES = 1_000;

/**
 * Takes documents out of every answer, slice by slice, as far as the deadline allows, and has the first of them removed
 * everywhere. The others are marked without a message, and sent by the sweep.
 */
export async function continueDeletion(
  services: Needed,
  opened: Deletion,
  deadline: Deadline,
): Promise<Result<Deletion, UpstreamError>> {
  const { catalog, clock, namespaceStates } = services;
  let deletion = opened;
  const sent: DocumentKey[] = [];
  let failure: UpstreamError | null = null;
  for (let slice = 0; slice < MOST_SLICES && !deletion.isFinished; slice += 1) {
    if (slice > 0 && deadline.remainingMs() < CLOSING_MS) break;
    const stepped = await catalog.deletions.step(deletion, clock.nowMs(), deadline);
    if (!stepped.ok) {
      failure = stepped.error;
      break;
    }
    sent.push(...stepped.value.marked.slice(0, MOST_MESSAGES - sent.length));
    ({ deletion } = stepped.value);
  }
  await Promise.all([
    sendFor(services, sent, deadline),
    // When this fails, what was made from the documents goes with the states that expire, some seconds later.
    namespaceStates.publish(deletion.namespace, deadline),
  ]);
  return failure === null ? succeed(deletion) : { ok: false, error: failure };
}

async function sendFor(services: Needed, documents: DocumentKey[], deadline: Deadline): Promise<void> {
  if (documents.length === 0) return;
  const messages = documents.map((document): IngestMessage => ({ v: 1, kind: 'delete', ...document }));
  await enqueue(services, messages, deadline);
}
