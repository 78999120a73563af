import type { Catalog } from '../catalog/catalog.ts';
import type { Clock } from '../clock.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { Defer } from '../telemetry/defer.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Overloaded } from './accept-document.ts';
import type { IngestQueue, QueueBacklog } from './ingest-queue.ts';

export interface BackPressure {
  /** Whether one more document may be accepted. Deletes are never asked about. */
  admit(deadline: Deadline): Promise<{ kind: 'admitted' } | Overloaded>;
}

interface Reading extends QueueBacklog {
  atMs: number;
  /** Messages the backlog shrank by in a millisecond since the reading before; 0 when it did not. */
  drainPerMs: number;
}

/** What an isolate knows of the backlog; plain data, so that any request may use it. */
export interface BacklogMemory {
  last: Reading | null;
  attemptedAtMs: number;
}

export function createBacklogMemory(): BacklogMemory {
  return { last: null, attemptedAtMs: Number.NEGATIVE_INFINITY };
}

export interface BackPressureOptions {
  memory: BacklogMemory;
  queue: IngestQueue;
  unfinished: Pick<Catalog['unfinished'], 'count'>;
  clock: Clock;
  defer: Defer;
  telemetry: Telemetry;
  maxMessages: number;
  maxAgeMs: number;
}

const REFRESH_MS = 5_000;
const TRUST_MS = 15_000;
const REFRESH_TIMEOUT_MS = 3_000;

// A few messages that are old are documents that keep failing, not a queue that does not keep up: about what the
// consumers hold at once (queues/wrangler.toml), several times over.
const FEW_MESSAGES = 1_000;

const SHORTEST_RETRY_MS = 5_000;
const USUAL_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 10 * 60_000;

/**
 * Refuses documents while more waits than may, long before the queue's own limit, beyond which messages would be lost
 * or refused. Every send tells the backlog, so that it is asked for only where nothing is sent.
 */
export function createBackPressure(options: BackPressureOptions): BackPressure {
  const { memory, queue, unfinished, clock, defer, telemetry, maxMessages, maxAgeMs } = options;

  async function read(deadline: Deadline): Promise<void> {
    memory.attemptedAtMs = clock.nowMs();
    const told = await queue.backlog(deadline);
    if (told.ok && told.value !== null) return noteBacklog(memory, told.value, clock.nowMs());
    // The queue does not tell, or cannot be reached, and then the outbox grows instead of it.
    const counted = await unfinished.count(maxMessages + 1, deadline);
    if (counted.ok) noteBacklog(memory, { messages: counted.value, oldestAtMs: null }, clock.nowMs());
  }

  async function current(deadline: Deadline): Promise<Reading | null> {
    const nowMs = clock.nowMs();
    const ageMs = nowMs - (memory.last?.atMs ?? Number.NEGATIVE_INFINITY);
    if (ageMs >= TRUST_MS) {
      await read(deadlineIn(clock, Math.min(REFRESH_TIMEOUT_MS, deadline.remainingMs())));
    } else if (ageMs >= REFRESH_MS && nowMs - memory.attemptedAtMs >= REFRESH_MS) {
      defer('backlog.refresh', read(deadlineIn(clock, REFRESH_TIMEOUT_MS)));
    }
    const { last } = memory;
    return last !== null && clock.nowMs() - last.atMs < TRUST_MS ? last : null;
  }

  return {
    async admit(deadline) {
      const reading = await current(deadline);
      // Nobody knows: whatever is wrong, accepting finds out, and refuses with its own error.
      if (reading === null) return { kind: 'admitted' };
      const message = excess(reading, clock.nowMs(), maxMessages, maxAgeMs);
      if (message === null) return { kind: 'admitted' };
      telemetry.count('ingestion.refused', {});
      return { kind: 'overloaded', message, retryAfterMs: retryAfter(reading, maxMessages) };
    },
  };
}

/** Notes what is known of the backlog now. */
export function noteBacklog(memory: BacklogMemory, backlog: QueueBacklog, nowMs: number): void {
  const before = memory.last;
  const shrunkBy = before === null ? 0 : before.messages - backlog.messages;
  const elapsedMs = nowMs - (before?.atMs ?? 0);
  memory.last = { ...backlog, atMs: nowMs, drainPerMs: elapsedMs > 0 ? Math.max(0, shrunkBy / elapsedMs) : 0 };
}

/** The same queue, whose answers are noted. */
export function watchBacklog(queue: IngestQueue, memory: BacklogMemory, clock: Clock): IngestQueue {
  return {
    ...queue,
    async send(messages, deadline) {
      const sent = await queue.send(messages, deadline);
      if (sent.ok && sent.value !== null) noteBacklog(memory, sent.value, clock.nowMs());
      return sent;
    },
  };
}

function excess(
  { messages, oldestAtMs }: Reading,
  nowMs: number,
  maxMessages: number,
  maxAgeMs: number,
): string | null {
  if (messages > maxMessages) return `${messages} documents wait to be ingested, at most ${maxMessages} may.`;
  const ageMs = oldestAtMs === null ? 0 : nowMs - oldestAtMs;
  if (messages <= FEW_MESSAGES || ageMs <= maxAgeMs) return null;
  const seconds = (ms: number) => Math.round(ms / 1_000);
  return `Documents wait ${seconds(ageMs)} seconds to be ingested, at most ${seconds(maxAgeMs)} are allowed.`;
}

function retryAfter({ messages, drainPerMs }: Reading, maxMessages: number): number {
  if (drainPerMs === 0) return USUAL_RETRY_MS;
  const drainedInMs = Math.max(0, messages - maxMessages) / drainPerMs;
  return Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_RETRY_MS, Math.ceil(drainedInMs)));
}
