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
  /** For all of them together. */
  deadline: Deadline;
  /** The most that are under way, and in memory, at the same time. */
  lanes: number;
}

// What one call of the queue takes.
const MESSAGES_PER_SEND = 100;

/**
 * Accepts documents of one namespace, whose ids differ, as they are read; what became of each, by its index. Each is
 * accepted or not by itself: what was accepted stays so whatever becomes of the others.
 */
export async function acceptMany(
  services: WriteServices,
  items: AsyncIterator<ManyItem>,
  { namespace, deadline, lanes }: ManyOptions,
): Promise<Map<number, ManyOutcome>> {
  const outcomes = new Map<number, ManyOutcome>();
  const messages = gatherMessages(services);
  const documents = gatherDocuments(services.catalog.documents, namespace, deadline);
  const gathering = { ...services, catalog: { ...services.catalog, documents } };

  async function acceptInTurn(): Promise<void> {
    for (let next = await items.next(); next.done !== true; next = await items.next()) {
      const { index, input } = next.value;
      const isLate = deadline.remainingMs() <= 0;
      const options = { deadline, announce: messages.add };
      outcomes.set(index, isLate ? fail({ kind: 'unreached' }) : await acceptDocument(gathering, input, options));
    }
  }

  await Promise.all(Array.from({ length: lanes }, acceptInTurn));
  await messages.sendRest();
  return outcomes;
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
