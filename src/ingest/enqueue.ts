import type { Deadline } from '../resilience/deadline.ts';
import type { IngestServices, WriteServices } from './ingest-services.ts';
import type { IngestMessage } from './message.ts';

type Needed = Pick<WriteServices | IngestServices, 'catalog' | 'queue' | 'telemetry' | 'clock'>;

/** Sends messages and notes that they were. A queue that refuses is no failure: the sweep finds rows without a note. */
export async function enqueue(services: Needed, messages: IngestMessage[], deadline: Deadline): Promise<boolean> {
  const { catalog, queue, telemetry, clock } = services;
  const sent = await queue.send(messages, deadline);
  if (!sent.ok) {
    telemetry.emit({ event: 'queue.send-failed', count: messages.length, message: sent.error.message });
    return false;
  }
  await catalog.documents.markEnqueued(messages, clock.nowMs(), deadline);
  return true;
}
