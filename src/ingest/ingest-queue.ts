import type { CallUpstream } from '../resilience/call-upstream.ts';
import { classifyCommon, messageOf } from '../resilience/classify-common.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { ClassifyError, UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { QueueMessage } from './message.ts';

export interface IngestQueue {
  /** Sends all or fails; after a failure some may have been sent, which does no harm. */
  send(messages: QueueMessage[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

// https://developers.cloudflare.com/queues/platform/limits/: 100 messages or 256 KB a call. A message is a pointer of
// little more than 1 KB at most.
const MAX_MESSAGES_PER_CALL = 100;

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
  const common = { dependency: 'queue', operation: 'send', timeoutMs, classify: classifyQueueError };
  return {
    async send(messages, deadline) {
      for (let at = 0; at < messages.length; at += MAX_MESSAGES_PER_CALL) {
        const slice = messages.slice(at, at + MAX_MESSAGES_PER_CALL).map((body) => ({ body }));
        const sent = await callUpstream({ ...common, deadline }, () => queue.sendBatch(slice));
        if (!sent.ok) return sent;
      }
      return succeed(undefined);
    },
  };
}
