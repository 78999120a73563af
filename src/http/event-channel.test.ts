import { describe, expect, it } from 'vitest';
import { createManualTimer } from '../../test/support/manual-timer.ts';
import { HEARTBEAT } from './answer-events.ts';
import { BEAT_MS, createEventChannel, FIRST_BEAT_MS, MAX_BUFFERED_BYTES, MAX_STALLED_MS } from './event-channel.ts';

function arrange() {
  const client = new AbortController();
  const timer = createManualTimer();
  const channel = createEventChannel({ signal: client.signal, startTimer: timer.startTimer });
  return { client, timer, channel };
}

const FULL = 'x'.repeat(MAX_BUFFERED_BYTES);

/** Whether a promise has resolved once everything else that could has. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe('the channel of a streamed answer', () => {
  it('passes on what is written, and ends', async () => {
    const { channel, timer } = arrange();
    await channel.write('a');
    await channel.write('b');
    channel.close();
    expect(await new Response(channel.body).text()).toBe('ab');
    expect(timer.running()).toBe(0);
  });

  it('opens with the first thing written', async () => {
    const { channel } = arrange();
    expect([channel.isOpen, await isDone(channel.opened)]).toEqual([false, false]);
    await channel.write('a');
    expect([channel.isOpen, await isDone(channel.opened)]).toEqual([true, true]);
  });

  it('opens by itself after ten seconds of silence', () => {
    const { channel, timer } = arrange();
    timer.pass(FIRST_BEAT_MS - 1);
    expect(channel.isOpen).toBe(false);
    timer.pass(1);
    expect(channel.isOpen).toBe(true);
  });

  it('(peers 31) writes in every quarter of a second from then on: a runtime may hear of a client that has left by that alone', async () => {
    const { channel, timer } = arrange();
    timer.pass(FIRST_BEAT_MS + BEAT_MS - 1);
    await channel.write('a');
    timer.pass(BEAT_MS - 1);
    await channel.write('b');
    timer.pass(2 * BEAT_MS);
    channel.close();
    timer.pass(9 * BEAT_MS);
    expect(await new Response(channel.body).text()).toBe(`${HEARTBEAT}ab${HEARTBEAT}${HEARTBEAT}`);
  });

  it('holds its writer up while a reader is slow, at a bounded number of bytes', async () => {
    const { channel } = arrange();
    const reader = channel.body.getReader();
    let written = 0;
    const writing = (async () => {
      for (; written < 100; written++) await channel.write('x'.repeat(8_192));
    })();
    expect(await isDone(writing)).toBe(false);
    expect(written * 8_192).toBeLessThanOrEqual(MAX_BUFFERED_BYTES);
    for (let read = 1; read <= 92; read++) {
      await reader.read();
      await isDone(writing);
      expect((written - read) * 8_192).toBeLessThanOrEqual(MAX_BUFFERED_BYTES);
    }
    for (let read = 93; read <= 100; read++) await reader.read();
    expect(await isDone(writing)).toBe(true);
  });

  it.each([
    ['cancels the body', ({ channel }: ReturnType<typeof arrange>) => channel.body.cancel()],
    ['aborts the request', ({ client }: ReturnType<typeof arrange>) => client.abort()],
  ])('lets its writer go, and says so, when the client %s', async (_, leave) => {
    const arranged = arrange();
    const { channel, timer } = arranged;
    const blocked = channel.write(FULL);
    expect(await isDone(blocked)).toBe(false);
    await leave(arranged);
    expect(channel.signal.aborted).toBe(true);
    await blocked;
    await channel.write('more');
    channel.close();
    expect(timer.running()).toBe(0);
  });

  it('takes a client that reads nothing for half a minute for gone', async () => {
    const { channel, timer } = arrange();
    const blocked = channel.write(FULL);
    timer.pass(MAX_STALLED_MS - 1);
    expect(channel.signal.aborted).toBe(false);
    timer.pass(1);
    expect(channel.signal.aborted).toBe(true);
    await blocked;
  });

  it('is no sooner gone for a reader that is slow but reads', async () => {
    const { channel, timer } = arrange();
    const reader = channel.body.getReader();
    for (let n = 0; n < 3; n++) {
      const blocked = channel.write(FULL);
      timer.pass(MAX_STALLED_MS - BEAT_MS);
      await reader.read();
      await blocked;
    }
    expect(channel.signal.aborted).toBe(false);
  });

  it('opens for nobody who had left before', () => {
    const client = AbortSignal.abort();
    const timer = createManualTimer();
    const channel = createEventChannel({ signal: client, startTimer: timer.startTimer });
    expect([channel.signal.aborted, timer.running()]).toEqual([true, 0]);
  });

  it('that was read to its end hears of no leaving any more', async () => {
    const { channel, client } = arrange();
    await channel.write('a');
    channel.close();
    client.abort();
    expect(channel.signal.aborted).toBe(false);
  });
});
