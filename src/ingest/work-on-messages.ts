import { ingestBatch } from './ingest-batch.ts';
import type { MessageOutcome } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import type { IngestMessage, QueueMessage } from './message.ts';
import { reconcile } from './reconcile/reconcile.ts';

/** Does what a batch of messages asks for: documents first, somebody waits for them. */
export async function workOnMessages(services: IngestServices, messages: QueueMessage[]): Promise<MessageOutcome[]> {
  const outcomes = new Map<QueueMessage, MessageOutcome>();
  const documents = messages.filter(isAboutDocument);
  const ingested = await ingestBatch(services, documents);
  for (const [n, message] of documents.entries()) outcomes.set(message, outcomeAt(ingested, n));
  for (const message of messages) {
    if (message.kind === 'reconcile') outcomes.set(message, await reconcile(services, message.runId));
  }
  return messages.map((message) => outcomes.get(message) ?? outcomeAt([], 0));
}

function isAboutDocument(message: QueueMessage): message is IngestMessage {
  return message.kind !== 'reconcile';
}

function outcomeAt(outcomes: MessageOutcome[], n: number): MessageOutcome {
  const outcome = outcomes[n];
  if (outcome === undefined) throw new Error('a message was left without an outcome');
  return outcome;
}
