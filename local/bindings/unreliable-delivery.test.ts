import { expect, test } from 'vitest';
import { createSeededRandom } from '../faults/seeded-random.ts';
import { countDelivery } from './delivery-counts.ts';
import { deliverUnreliably, isCopy } from './unreliable-delivery.ts';

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

const countsOf = (handed: { body: unknown }[]) => countDelivery(come, handed, isCopy);
const come = [{ body: 0 }, { body: 1 }, { body: 2 }, { body: { isCopy: true } }];

test('what a queue has made of a batch is counted by what it handed on', () => {
  const [zero, one, two, copy] = come.map((message) => ({ ...message }));
  if (!(zero && one && two && copy)) throw new Error('four messages have come');
  expect(countsOf([zero, one, two])).toEqual({ handed: 3, doubled: 0, late: 1, outOfOrder: 0 });
  expect(countsOf([zero, zero, one, two, copy])).toEqual({ handed: 5, doubled: 2, late: 0, outOfOrder: 0 });
  expect(countsOf([two, zero, one])).toEqual({ handed: 3, doubled: 0, late: 1, outOfOrder: 2 });
});

test('a batch that is passed on as it came counts for nothing, and one that was not for all it suffered', () => {
  const messages = Array.from({ length: MESSAGES }, (_, body) => ({ body }));
  const none = { handed: MESSAGES, doubled: 0, late: 0, outOfOrder: 0 };
  expect(countDelivery(messages, messages, isCopy)).toEqual(none);
  const { delivered, told } = deliver(1);
  const counts = countDelivery(messages, delivered.messages, isCopy);
  expect(counts).toMatchObject({ handed: delivered.messages.length, late: told.size });
  expect(counts.doubled).toBe(counts.handed + counts.late - MESSAGES);
  expect(counts.outOfOrder).toBeGreaterThan(MESSAGES / 2);
});

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
