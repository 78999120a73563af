import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EMPTY_STATE } from '../namespaces/namespace-state.ts';
import type { StateReading } from '../namespaces/namespace-states.ts';
import { type CacheEntry, type DecodedEntries, decodeEntry, decodeOnce, encodeEntry, useOf } from './cache-entry.ts';

const HOUR_MS = 3_600_000;
const lifetimes = { freshMs: HOUR_MS, staleMs: HOUR_MS, ifErrorMs: 24 * HOUR_MS };
const entry: CacheEntry<{ answer: string }> = {
  storedAtMs: 1_000,
  madeFrom: { content: 3, purge: 0, versions: [['guide.md', 7]] },
  payload: { answer: 'Grüße, 日本' },
};
const known = (change: Partial<typeof EMPTY_STATE>): StateReading => ({
  kind: 'known',
  state: { ...EMPTY_STATE, content: 3, ...change },
  isConfirmed: true,
});
const use = (ageMs: number, reading: StateReading) => useOf(entry, reading, 1_000 + ageMs, lifetimes);

describe('what a cached entry is good for', () => {
  it.each([
    [0, 'fresh'],
    [HOUR_MS - 1, 'fresh'],
    [HOUR_MS, 'stale'],
    [2 * HOUR_MS - 1, 'stale'],
    [2 * HOUR_MS, 'if-error'],
    [26 * HOUR_MS - 1, 'if-error'],
    [26 * HOUR_MS, 'none'],
  ] as const)('at an age of %d ms is %s while nothing changes', (ageMs, expected) => {
    expect(use(ageMs, known({}))).toBe(expected);
  });

  it('is one more use when another document has changed', () => {
    const changed = known({ content: 4, retired: [['other.md', 1]] });
    expect(use(0, changed)).toBe('stale');
    expect(use(2 * HOUR_MS, changed)).toBe('if-error');
  });

  it('is nothing, at any age, when what it was made from is gone', () => {
    for (const gone of [known({ content: 4, retired: [['guide.md', 7]] }), known({ purge: 1 })]) {
      for (const ageMs of [0, HOUR_MS, 3 * HOUR_MS]) expect(use(ageMs, gone)).toBe('none');
    }
  });

  it('is the last resort when nobody can say, unless it was known to be gone', () => {
    expect(use(0, { kind: 'unknown', last: null })).toBe('if-error');
    expect(use(0, { kind: 'unknown', last: { ...EMPTY_STATE, content: 3 } })).toBe('if-error');
    expect(use(0, { kind: 'unknown', last: { ...EMPTY_STATE, content: 4, retired: [['guide.md', 7]] } })).toBe('none');
  });
});

describe('a stored entry', () => {
  const payload = z.object({ answer: z.string() });

  it('comes back as it was, from ASCII', () => {
    const text = encodeEntry(entry);
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(decodeEntry(text, payload)).toEqual(entry);
  });

  it.each([
    null,
    '',
    '{}',
    '[]',
    'null',
    encodeEntry(entry).replace('"v":1', '"v":2'),
    encodeEntry(entry).slice(0, -3),
  ])('is nothing when it is %j', (text) => {
    expect(decodeEntry(text, payload)).toBeNull();
  });

  it('is nothing when what it holds is of another shape', () => {
    expect(decodeEntry(encodeEntry({ ...entry, payload: { reply: 'x' } }), payload)).toBeNull();
  });
});

describe('an entry read again and again', () => {
  const payload = z.object({ answer: z.string() });
  const textOf = (n: number) => encodeEntry({ ...entry, payload: { answer: `Answer ${n}` } });
  const remembering = (): DecodedEntries<{ answer: string }> => new Map();

  it('is decoded once, and is what decoding gives', () => {
    const decoded = remembering();
    const first = decodeOnce(textOf(1), payload, decoded);
    expect(first).toEqual(decodeEntry(textOf(1), payload));
    expect(decodeOnce(textOf(1), payload, decoded)).toBe(first);
  });

  it('is decoded anew when a character of it differs', () => {
    const decoded = remembering();
    expect(decodeOnce(textOf(1), payload, decoded)?.payload).toEqual({ answer: 'Answer 1' });
    expect(decodeOnce(textOf(2), payload, decoded)?.payload).toEqual({ answer: 'Answer 2' });
  });

  it('is not remembered when it is damaged, nor when there is none', () => {
    const decoded = remembering();
    for (const text of [null, '', '{"v":1}']) expect(decodeOnce(text, payload, decoded)).toBeNull();
    expect(decoded.size).toBe(0);
  });

  it('makes room for newer ones, and is not remembered when it is huge', () => {
    const decoded = remembering();
    const large = (n: number) => encodeEntry({ ...entry, payload: { answer: `${n}`.padEnd(90_000) } });
    for (let n = 0; n < 40; n++) decodeOnce(large(n), payload, decoded);
    expect(decoded.size).toBe(22);
    expect([decoded.has(large(39)), decoded.has(large(0))]).toEqual([true, false]);
    const huge = encodeEntry({ ...entry, payload: { answer: ''.padEnd(100_001) } });
    expect(decodeOnce(huge, payload, decoded)).not.toBeNull();
    expect(decoded.has(huge)).toBe(false);
  });
});
