import type { Telemetry } from '../telemetry/telemetry.ts';
import { recordDeadLetter } from './dead-letter.ts';
import type { IngestServices } from './ingest-services.ts';
import { type QueueMessage, queueMessageSchema } from './message.ts';
import { workOnMessages } from './work-on-messages.ts';

interface Readable {
  message: Message;
  body: QueueMessage;
}

const DEAD_LETTER_RETRY_SECONDS = 60;

/** Works on a batch from the queue and tells it, message by message, what to deliver again. */
export async function handleIngestMessages(services: IngestServices, batch: MessageBatch): Promise<void> {
  const readable = readMessages(batch, services.telemetry);
  const outcomes = await workOnMessages(
    services,
    readable.map(({ body }) => body),
  );
  for (const [n, { message }] of readable.entries()) {
    const outcome = outcomes[n];
    if (outcome === undefined) throw new Error('a message was left without an outcome');
    if (outcome.kind === 'ack') message.ack();
    else message.retry({ delaySeconds: outcome.delaySeconds });
  }
}

/** Records what the queue has given up. */
export async function handleDeadLetters(services: IngestServices, batch: MessageBatch): Promise<void> {
  for (const { message, body } of readMessages(batch, services.telemetry)) {
    // The sweep sends another one.
    if (body.kind === 'reconcile') message.ack();
    else if (await recordDeadLetter(services, body)) message.ack();
    else message.retry({ delaySeconds: DEAD_LETTER_RETRY_SECONDS });
  }
}

// What is not a message of ours will not become one: it is dropped, with an event.
function readMessages(batch: MessageBatch, telemetry: Telemetry): Readable[] {
  return batch.messages.flatMap((message) => {
    const parsed = queueMessageSchema.safeParse(message.body);
    if (parsed.success) return [{ message, body: parsed.data }];
    const reason = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`).join(', ');
    telemetry.emit({ event: 'queue.message-invalid', reason });
    message.ack();
    return [];
  });
}
