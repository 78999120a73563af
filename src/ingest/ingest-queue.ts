import * as z from 'zod';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import { classifyCommon, messageOf } from '../resilience/classify-common.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { ClassifyError, UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { QueueMessage } from './message.ts';

/** How much waits to be ingested. */
export interface QueueBacklog {
  messages: number;
  /** When the oldest one was sent; `null` when nobody says. */
  oldestAtMs: number | null;
}

export interface IngestQueue {
  /**
   * Sends all or fails; after a failure some may have been sent, which does no harm. Tells the backlog behind them, or
   * `null` when the platform does not.
   */
  send(messages: QueueMessage[], deadline: Deadline): Promise<Result<QueueBacklog | null, UpstreamError>>;
  /** `null` when the platform does not tell. */
  backlog(deadline: Deadline): Promise<Result<QueueBacklog | null, UpstreamError>>;
}

// https://developers.cloudflare.com/queues/platform/limits/: 100 messages or 256 KB a call. A message is a pointer of
// little more than 1 KB at most.
const MAX_MESSAGES_PER_CALL = 100;
// Asked before a document is accepted: not longer than that can wait.
const METRICS_TIMEOUT_MS = 1_000;

const OVERLOADED = /too many requests|storage limit exceeded/i;

const classifyQueueError: ClassifyError = (error) => {
  const common = classifyCommon(error);
  if (common !== null) return common;
  const message = messageOf(error);
  if (OVERLOADED.test(message)) return { class: 'rate-limited', code: 'OVERLOADED', message };
  return { class: 'transient', code: 'QUEUE_ERROR', message };
};

export interface IngestQueueOptions {
  queue: Queue;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

export function createIngestQueue({ queue, callUpstream, timeoutMs }: IngestQueueOptions): IngestQueue {
  const common = { dependency: 'queue', timeoutMs, classify: classifyQueueError };
  return {
    async send(messages, deadline) {
      let backlog: QueueBacklog | null = null;
      for (let at = 0; at < messages.length; at += MAX_MESSAGES_PER_CALL) {
        const slice = messages.slice(at, at + MAX_MESSAGES_PER_CALL).map((body) => ({ body }));
        const sent = await callUpstream({ ...common, operation: 'send', deadline }, () => queue.sendBatch(slice));
        if (!sent.ok) return sent;
        backlog = backlogOf(sendResponse.safeParse(sent.value).data?.metadata.metrics);
      }
      return succeed(backlog);
    },

    async backlog(deadline) {
      const call = { ...common, operation: 'metrics', timeoutMs: Math.min(timeoutMs, METRICS_TIMEOUT_MS), deadline };
      const read = await callUpstream({ ...call, idempotent: true }, () => queue.metrics());
      return read.ok ? succeed(backlogOf(metricsSchema.safeParse(read.value).data)) : read;
    },
  };
}

// https://developers.cloudflare.com/queues/configuration/javascript-apis/. Lenient: they are new, and a queue that
// tells nothing still queues. The local one has numbers for dates.
const metricsSchema = z.object({
  backlogCount: z.number(),
  oldestMessageTimestamp: z.union([z.date().transform((date) => date.getTime()), z.number()]).optional(),
});
const sendResponse = z.object({ metadata: z.object({ metrics: metricsSchema }) });

function backlogOf(metrics: z.infer<typeof metricsSchema> | undefined): QueueBacklog | null {
  if (metrics === undefined) return null;
  // 0, 1970: there is none.
  return { messages: metrics.backlogCount, oldestAtMs: metrics.oldestMessageTimestamp || null };
}
