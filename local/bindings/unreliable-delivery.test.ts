import { expect, test } from 'vitest';
import { createSeededRandom } from '../faults/seeded-random.ts';
import { deliverUnreliably } from './unreliable-delivery.ts';

const MESSAGES = 400;

interface Sent {
  body: unknown;
  delaySeconds: number;
}

function deliver(seed: number) {
  const sent: Sent[] = [];
  const told = new Map<unknown, string>();
  const batch = {
    queue: 'vigil-ingest',
    metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } },
    messages: Array.from({ length: MESSAGES }, (_, n) => ({
      ...{ id: `m${n}`, timestamp: new Date(0), body: n, attempts: 1 },
      ack: () => void told.set(n, 'ack'),
      retry: () => void told.set(n, 'retry'),
    })),
    ackAll: () => {},
    retryAll: () => {},
  };
  const send = async (body: unknown, { delaySeconds = 0 }: QueueSendOptions = {}) => {
    sent.push({ body, delaySeconds });
    return { metadata: batch.metadata };
  };
  const delivered = deliverUnreliably(batch, {
    queue: { send },
    random: createSeededRandom(seed, 'delivery'),
    waitUntil: () => {},
  });
  return { delivered, sent, told };
}

test('every message is delivered, or comes later', () => {
  const { delivered, told } = deliver(1);
  const seen = new Set([...delivered.messages.map(({ body }) => body), ...told.keys()]);
  expect(seen.size).toBe(MESSAGES);
  expect(new Set(told.values())).toEqual(new Set(['retry']));
});

test('some come twice at once, some again later, and none in their order', () => {
  const { delivered, sent } = deliver(1);
  const bodies = delivered.messages.map(({ body }) => Number(body));
  expect(bodies.length - new Set(bodies).size).toBeGreaterThan(MESSAGES / 10);
  expect(bodies).not.toEqual(bodies.toSorted((a, b) => a - b));
  expect(sent.length).toBeGreaterThan(MESSAGES / 10);
  expect(sent.some(({ delaySeconds }) => delaySeconds > 5)).toBe(true);
});

test('what is said of a twin is not said of its message', () => {
  const { delivered, sent, told } = deliver(1);
  const twin = delivered.messages.find(({ id }) => id.endsWith('-twin'));
  const before = sent.length;
  twin?.ack();
  twin?.retry({ delaySeconds: 3 });
  expect(told.has(twin?.body)).toBe(false);
  expect(sent.slice(before)).toEqual([{ body: twin?.body, delaySeconds: 3 }]);
});
