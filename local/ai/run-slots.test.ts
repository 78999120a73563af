import { describe, expect, it } from 'vitest';
import { createRunSlots, type Release } from './run-slots.ts';

const never = new AbortController().signal;

function taken(release: Release | null): Release {
  if (!release) throw new Error('no slot was free');
  return release;
}

describe('run slots', () => {
  it('hand a freed slot to the one that has waited longest', async () => {
    const slots = createRunSlots(1);
    const order: string[] = [];
    const first = taken(slots.tryTake());
    const second = slots.take(never).then((release) => {
      order.push('second');
      return taken(release);
    });
    const third = slots.take(never).then(() => order.push('third'));
    expect(slots.tryTake()).toBeNull();
    first();
    (await second)();
    await third;
    expect(order).toEqual(['second', 'third']);
  });

  it('free a slot once, however often it is given back', () => {
    const slots = createRunSlots(1);
    const release = taken(slots.tryTake());
    release();
    release();
    expect(slots.tryTake()).not.toBeNull();
    expect(slots.tryTake()).toBeNull();
  });

  it('pass over a client that left while it waited', async () => {
    const slots = createRunSlots(1);
    const release = taken(slots.tryTake());
    const client = new AbortController();
    const leaving = slots.take(client.signal);
    client.abort();
    expect(await leaving).toBeNull();
    release();
    expect(slots.tryTake()).not.toBeNull();
  });
});
