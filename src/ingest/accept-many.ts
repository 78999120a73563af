import { gatherDocuments } from '../catalog/gather-documents.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result } from '../result.ts';
import { type Acceptance, type AcceptFailure, acceptDocument, type DocumentInput } from './accept-document.ts';
import { enqueue } from './enqueue.ts';
import type { WriteServices } from './ingest-services.ts';
import type { IngestMessage } from './message.ts';

export interface ManyItem {
  index: number;
  input: DocumentInput;
}

/** What became of one of many; `unreached` when time ran out before its turn. */
export type ManyOutcome = Result<Acceptance, AcceptFailure | { kind: 'unreached' }>;

export interface ManyOptions {
  namespace: string;
  /** None is begun after it; each that was has the time of a single one. */
  deadline: Deadline;
}

// How many are under way at the same time. The more, the fewer statements each takes of the catalog.
const LANES = 64;
// An isolate has 128 MB: a text is there several times, as it was read, hashed and sent to R2.
const MAX_CHARACTERS_UNDER_WAY = 12_000_000;
// What one call of the queue takes.
const MESSAGES_PER_SEND = 100;

/**
 * Accepts documents of one namespace, whose ids differ, as they are read; what became of each, by its index. Each is
 * accepted or not by itself: what was accepted stays so whatever becomes of the others.
 */
export async function acceptMany(
  services: WriteServices,
  items: AsyncIterable<ManyItem>,
  { namespace, deadline }: ManyOptions,
): Promise<Map<number, ManyOutcome>> {
  const outcomes = new Map<number, ManyOutcome>();
  const messages = gatherMessages(services);
  const lastMoment = deadlineIn(services.clock, deadline.remainingMs() + services.settings.writeDeadlineMs);
  const { during, ...gathered } = gatherDocuments(services.catalog, namespace, lastMoment);
  const gathering = { ...services, catalog: { ...services.catalog, ...gathered } };
  const room = createRoom(MAX_CHARACTERS_UNDER_WAY);
  const admitted = admit(items, room);

  async function acceptInTurn(): Promise<void> {
    for (let next = await admitted.next(); next.done !== true; next = await admitted.next()) {
      const { index, input } = next.value;
      const isLate = deadline.remainingMs() <= 0;
      const accept = () => acceptDocument(gathering, input, { deadline: lastMoment, announce: messages.add });
      outcomes.set(index, isLate ? fail({ kind: 'unreached' }) : await during(accept));
      room.leave(heldBy(input));
    }
  }

  await Promise.all(Array.from({ length: LANES }, acceptInTurn));
  await messages.sendRest();
  return outcomes;
}

/** One is read at a time, and the next only when there is room for this one. */
async function* admit(items: AsyncIterable<ManyItem>, room: Room): AsyncGenerator<ManyItem> {
  for await (const item of items) {
    await room.enter(heldBy(item.input));
    yield item;
  }
}

/** What a document takes in memory, about. */
function heldBy({ source }: DocumentInput): number {
  switch (source.kind) {
    case 'text':
      return source.content.length;
    case 'file':
      return source.bytes.length;
    case 'url':
      return 0;
  }
}

interface Room {
  /** Waits until there is room; for one who takes more than all of it, until it is empty. */
  enter(size: number): Promise<void>;
  leave(size: number): void;
}

function createRoom(maxSize: number): Room {
  let taken = 0;
  let wake = () => {};
  return {
    async enter(size) {
      while (taken > 0 && taken + size > maxSize) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      taken += size;
    },
    leave(size) {
      taken -= size;
      wake();
    },
  };
}

interface GatheredMessages {
  /** Sends what has gathered as soon as it fills a call. */
  add(message: IngestMessage): void;
  sendRest(): Promise<void>;
}

function gatherMessages(services: WriteServices): GatheredMessages {
  const gathered: IngestMessage[] = [];
  const sending: Promise<boolean>[] = [];
  const send = () => {
    // A time of its own: what was accepted in the last moment is sent, too.
    const deadline = deadlineIn(services.clock, services.settings.writeDeadlineMs);
    sending.push(enqueue(services, gathered.splice(0, MESSAGES_PER_SEND), deadline));
  };
  return {
    add(message) {
      gathered.push(message);
      if (gathered.length >= MESSAGES_PER_SEND) send();
    },
    async sendRest() {
      if (gathered.length > 0) send();
      await Promise.all(sending);
    },
  };
}
