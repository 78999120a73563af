/** What may happen to each message, by chance. */
const POSTPONED_SHARE = 0.15;
const COPIED_SHARE = 0.3;
const TWICE_AT_ONCE_SHARE = 0.2;
const LONGEST_POSTPONEMENT_SECONDS = 5;
/** Longer than a document takes: by then the document has been changed or deleted since. */
const LONGEST_COPY_DELAY_SECONDS = 15;

export interface UnreliableDelivery {
  /** Where the batch comes from. */
  queue: Pick<Queue, 'send'>;
  random(): number;
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * The batch as a queue may also have delivered it, which promises no more than each message at least once in any order
 * (https://developers.cloudflare.com/queues/reference/delivery-guarantees/): shuffled, some messages later, some twice
 * at once, and some again when they are old.
 */
export function deliverUnreliably(batch: MessageBatch, delivery: UnreliableDelivery): MessageBatch {
  const { random } = delivery;
  const delivered: Message[] = [];
  for (const message of batch.messages) {
    if (random() < POSTPONED_SHARE) {
      message.retry({ delaySeconds: seconds(LONGEST_POSTPONEMENT_SECONDS, random) });
      continue;
    }
    delivered.push(message);
    // Copies of copies would be more than any queue makes, and more of them all the time.
    if (isCopy(message.body)) continue;
    if (random() < COPIED_SHARE) {
      sendAgain(message.body, seconds(LONGEST_COPY_DELAY_SECONDS, random), delivery);
    }
    if (random() < TWICE_AT_ONCE_SHARE) delivered.push(twinOf(message, delivery));
  }
  return {
    queue: batch.queue,
    metadata: batch.metadata,
    messages: shuffle(delivered, random),
    ackAll: () => batch.ackAll(),
    retryAll: (options) => batch.retryAll(options),
  };
}

/** A message of its own to whoever gets it: what is said of one says nothing of the other. */
function twinOf({ id, timestamp, body, attempts }: Message, delivery: UnreliableDelivery): Message {
  return {
    ...{ id: `${id}-twin`, timestamp, body, attempts },
    ack: () => {},
    retry: (options) => sendAgain(body, options?.delaySeconds ?? 0, delivery),
  };
}

function sendAgain(body: unknown, delaySeconds: number, { queue, waitUntil }: UnreliableDelivery): void {
  waitUntil(queue.send(typeof body === 'object' ? { ...body, isCopy: true } : body, { delaySeconds }));
}

/** Of a message that has been delivered before. The consumer reads what it knows of a message, and nothing else. */
export function isCopy(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'isCopy' in body;
}

function seconds(longest: number, random: () => number): number {
  return Math.floor(random() * (longest + 1));
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
