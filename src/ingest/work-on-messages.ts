import { ingestBatch } from './ingest-batch.ts';
import type { MessageOutcome } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import type { IngestMessage, QueueMessage } from './message.ts';
import { reconcile } from './reconcile/reconcile.ts';

const BUG_RETRY_SECONDS = 60;

/** Does what a batch of messages asks for: documents first, somebody waits for them. */
export async function workOnMessages(services: IngestServices, messages: QueueMessage[]): Promise<MessageOutcome[]> {
  const outcomes = new Map<QueueMessage, MessageOutcome>();
  const documents = messages.filter(isAboutDocument);
  const ingested = await ingestBatch(services, documents);
  for (const [n, message] of documents.entries()) outcomes.set(message, outcomeAt(ingested, n));
  for (const message of messages) {
    if (message.kind === 'reconcile') outcomes.set(message, await reconcileApart(services, message.runId));
  }
  return messages.map((message) => outcomes.get(message) ?? outcomeAt([], 0));
}

// A bug in a comparison must not have the documents of the batch delivered, and done, again.
async function reconcileApart(services: IngestServices, runId: string): Promise<MessageOutcome> {
  try {
    return await reconcile(services, runId);
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    services.telemetry.emit({ event: 'bug', where: 'reconcile', message, stack: stack ?? null });
    return { kind: 'retry', delaySeconds: BUG_RETRY_SECONDS };
  }
}

function isAboutDocument(message: QueueMessage): message is IngestMessage {
  return message.kind !== 'reconcile';
}

function outcomeAt(outcomes: MessageOutcome[], n: number): MessageOutcome {
  const outcome = outcomes[n];
  if (outcome === undefined) throw new Error('a message was left without an outcome');
  return outcome;
}
