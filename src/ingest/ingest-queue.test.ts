import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { createCallUpstream } from '../resilience/call-upstream.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import { createIngestQueue } from './ingest-queue.ts';
import type { IngestMessage } from './message.ts';

const telemetry = { emit: () => {}, count: () => {}, observe: () => {} };

function queueThat(sendBatch: (messages: unknown[]) => unknown, metrics: () => unknown = () => undefined) {
  // The adapter calls nothing else of the binding.
  const queue = {
    sendBatch: async (messages: unknown[]) => sendBatch(messages),
    metrics: async () => metrics(),
  } as unknown as Queue;
  return createIngestQueue({
    queue,
    callUpstream: createCallUpstream({ clock: systemClock, telemetry }),
    timeoutMs: 1_000,
  });
}

function messages(count: number): IngestMessage[] {
  return Array.from({ length: count }, (_, version) => {
    return { v: 1, kind: 'index', namespace: 'docs', documentId: 'a.md', version: version + 1 };
  });
}

it('sends at most 100 messages a call, the limit of the platform', async () => {
  const sizes: number[] = [];
  const queue = queueThat((batch) => sizes.push(batch.length));
  expect(await queue.send(messages(250), deadlineIn(systemClock, 1_000))).toEqual({ ok: true, value: null });
  expect(sizes).toEqual([100, 100, 50]);
});

it.each([
  ['Too Many Requests', 'rate-limited'],
  ['Storage Limit Exceeded', 'rate-limited'],
  ['Queue send failed: internal error', 'transient'],
])('calls "%s" %s', async (message, errorClass) => {
  const queue = queueThat(() => {
    throw new Error(message);
  });
  const sent = await queue.send(messages(1), deadlineIn(systemClock, 1_000));
  expect(sent).toMatchObject({ ok: false, error: { class: errorClass, dependency: 'queue' } });
});

it.each([
  ['a date', new Date(7_000), 7_000],
  ['a number, as the local queue gives', 7_000, 7_000],
  ['0, for none', 0, null],
  ['nothing', undefined, null],
])('tells the backlog behind what it has sent, whose oldest message has %s', async (_, given, oldestAtMs) => {
  const metrics = { backlogCount: 3, backlogBytes: 99, oldestMessageTimestamp: given };
  const queue = queueThat(
    () => ({ metadata: { metrics } }),
    () => metrics,
  );
  const backlog = { ok: true, value: { messages: 3, oldestAtMs } };
  expect(await queue.send(messages(1), deadlineIn(systemClock, 1_000))).toEqual(backlog);
  expect(await queue.backlog(deadlineIn(systemClock, 1_000))).toEqual(backlog);
});

it('tells no backlog where the platform does not', async () => {
  const queue = queueThat(
    () => undefined,
    () => ({}),
  );
  expect(await queue.backlog(deadlineIn(systemClock, 1_000))).toEqual({ ok: true, value: null });
});
