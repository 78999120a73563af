import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { inSeconds } from '../../test/read-path-builders.ts';
import { createMemoryAnswerStore } from '../../test/support/memory-answer-store.ts';
import { systemClock } from '../clock.ts';
import { describeAnswerStore } from './answer-store.contract.ts';
import { createTieredAnswerStore } from './tiered-answer-store.ts';

function arrange(clock = createManualClock()) {
  const [near, far] = [createMemoryAnswerStore(clock, 'near'), createMemoryAnswerStore(clock, 'far')];
  const deferred: Promise<unknown>[] = [];
  const store = createTieredAnswerStore({
    near,
    far,
    clock,
    defer: (_, promise) => void deferred.push(promise),
    writeTimeoutMs: 1_000,
    ttlSecondsOf: () => 60,
  });
  const get = () => store.get('key', inSeconds(1, clock));
  const settle = () => Promise.all(deferred.splice(0));
  return { near, far, store, clock, get, settle };
}

describeAnswerStore('of memory', { open: async () => createMemoryAnswerStore(systemClock), scratchName: 'x' });
describeAnswerStore('of two tiers', {
  open: async () => {
    const [near, far] = [createMemoryAnswerStore(systemClock), createMemoryAnswerStore(systemClock)];
    const options = { near, far, clock: systemClock, writeTimeoutMs: 1_000, ttlSecondsOf: () => 60 };
    return createTieredAnswerStore({ ...options, defer: (_, promise) => void promise });
  },
  scratchName: 'x',
});

describe('a near store in front of a far one', () => {
  it('is asked alone while it has the value', async () => {
    const { store, far, get, clock } = arrange();
    await store.put('key', 'value', 60, inSeconds(1, clock));
    expect(await get()).toEqual({ ok: true, value: 'value' });
    expect(far.reads).toBe(0);
  });

  it('gets a copy of what only the far one had', async () => {
    const { near, far, get, settle, clock } = arrange();
    await far.put('key', 'value', 60, inSeconds(1, clock));
    expect(await get()).toEqual({ ok: true, value: 'value' });
    await settle();
    expect(near.entries.get('key')?.value).toBe('value');
  });

  it('gives way to the far one’s value when its own is not fresh, unless there is none', async () => {
    const { store, near, far, clock } = arrange();
    await near.put('key', 'old', 60, inSeconds(1, clock));
    const get = (standing: 'fresh' | 'usable' | 'useless') =>
      store.get('key', inSeconds(1, clock), async (value) => (value === 'old' ? standing : 'fresh'));
    expect(await get('usable')).toEqual({ ok: true, value: 'old' });
    expect(await get('useless')).toEqual({ ok: true, value: null });
    far.isDown = true;
    expect(await get('usable')).toEqual({ ok: true, value: 'old' });
    expect((await get('useless')).ok).toBe(false);
    far.isDown = false;
    await far.put('key', 'new', 60, inSeconds(1, clock));
    expect(await get('fresh')).toEqual({ ok: true, value: 'old' });
    expect(await get('usable')).toEqual({ ok: true, value: 'new' });
  });

  it('keeps its own value when the far one’s is no better, and never copies what is of no use', async () => {
    const { store, near, far, clock, settle } = arrange();
    const get = () => store.get('key', inSeconds(1, clock), async (value) => (value === 'gone' ? 'useless' : 'usable'));
    await near.put('key', 'newer', 60, inSeconds(1, clock));
    for (const lingering of ['gone', 'older']) {
      await far.put('key', lingering, 60, inSeconds(1, clock));
      expect(await get()).toEqual({ ok: true, value: 'newer' });
      await settle();
      expect(near.entries.get('key')?.value).toBe('newer');
    }
    near.entries.clear();
    await far.put('key', 'gone', 60, inSeconds(1, clock));
    await get();
    await settle();
    expect(near.entries.size).toBe(0);
  });

  it('gives way to a far value that is only better than the last resort', async () => {
    const { store, near, far, clock } = arrange();
    await near.put('key', 'old', 60, inSeconds(1, clock));
    await far.put('key', 'newer', 60, inSeconds(1, clock));
    const judge = async (value: string) => (value === 'old' ? 'last-resort' : 'usable');
    expect(await store.get('key', inSeconds(1, clock), judge)).toEqual({ ok: true, value: 'newer' });
  });

  it('may keep nothing, or be down', async () => {
    const { near, far, get, settle, clock } = arrange();
    await far.put('key', 'value', 60, inSeconds(1, clock));
    near.isDown = true;
    expect(await get()).toEqual({ ok: true, value: 'value' });
    await settle();
    expect(near.entries.size).toBe(0);
  });

  it('is enough to have the value from and to keep it, and the far one’s failure is no miss', async () => {
    const { store, far, get, clock } = arrange();
    far.isDown = true;
    expect(await get()).toMatchObject({ ok: false, error: { dependency: 'far' } });
    expect(await store.put('key', 'value', 60, inSeconds(1, clock))).toMatchObject({ ok: true });
    expect(await get()).toEqual({ ok: true, value: 'value' });
  });
});
