import { ingestBatch } from './ingest-batch.ts';
import type { MessageOutcome } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import type { IngestMessage, QueueMessage } from './message.ts';
import { reconcile } from './reconcile/reconcile.ts';
import { workOnDeletion } from './work-on-deletion.ts';

const BUG_RETRY_SECONDS = 60;

/** Does what a batch of messages asks for: documents first, somebody waits for them. Outcomes are in their order. */
export async function workOnMessages(services: IngestServices, messages: QueueMessage[]): Promise<MessageOutcome[]> {
  const [ofDocuments, ofDeletions] = await Promise.all([
    ingestBatch(services, messages.filter(isAboutDocument)),
    Promise.all(
      messages
        .filter((message) => message.kind === 'deletion')
        .map((message) => apart(services, 'workOnDeletion', () => workOnDeletion(services, message))),
    ),
  ]);
  const ofRuns: MessageOutcome[] = [];
  for (const message of messages) {
    if (message.kind === 'reconcile')
      ofRuns.push(await apart(services, 'reconcile', () => reconcile(services, message.runId)));
  }
  const outcomes = { index: ofDocuments, delete: ofDocuments, deletion: ofDeletions, reconcile: ofRuns };
  return messages.map(({ kind }) => {
    const outcome = outcomes[kind].shift();
    if (outcome === undefined) throw new Error('a message was left without an outcome');
    return outcome;
  });
}

// A bug in one of these must not have the documents of the batch delivered, and done, again.
async function apart(
  services: IngestServices,
  where: string,
  work: () => Promise<MessageOutcome>,
): Promise<MessageOutcome> {
  try {
    return await work();
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    services.telemetry.emit({ event: 'bug', where, message, stack: stack ?? null });
    return { kind: 'retry', delaySeconds: BUG_RETRY_SECONDS };
  }
}

function isAboutDocument(message: QueueMessage): message is IngestMessage {
  return message.kind === 'index' || message.kind === 'delete';
}
