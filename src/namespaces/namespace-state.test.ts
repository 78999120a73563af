import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeState,
  EMPTY_STATE,
  encodeState,
  freshnessOf,
  laterOf,
  type MadeFrom,
  type NamespaceState,
  retiredIn,
} from './namespace-state.ts';

const made: MadeFrom = { content: 5, purge: 1, versions: [['guide.md', 7]] };
const now: NamespaceState = { content: 5, purge: 1, horizon: 0, erasedUpTo: 0, unnamed: null, retired: [] };

describe('what was made from documents', () => {
  it.each([
    ['fresh while nothing has changed', made, now],
    ['fresh to an isolate that has not heard yet of what its maker knew', { ...made, content: 6 }, now],
  ] as const)('is %s', (_, made_, now_) => {
    expect(freshnessOf(made_, now_)).toBe('fresh');
  });

  it('is stale when another document has changed', () => {
    expect(freshnessOf(made, { ...now, content: 6, retired: [['other.md', 1]] })).toBe('stale');
  });

  it.each([
    ['one of its versions is retired', { content: 6, retired: [['guide.md', 7]] }],
    ['one was retired before it was made: an index was late', { retired: [['guide.md', 7]] }],
    ['the namespace was purged', { purge: 2 }],
    ['its version was erased with the whole namespace', { erasedUpTo: 7 }],
    ['nobody knows any more what was retired since', { content: 2_000, horizon: 6 }],
  ] as [string, Partial<NamespaceState>][])('is gone when %s', (_, change) => {
    expect(freshnessOf(made, { ...now, ...change })).toBe('gone');
  });

  it('is not gone because of an older version, or of the same version of another document', () => {
    const retired: NamespaceState['retired'] = [
      ['guide.md', 6],
      ['uide.md', 7],
    ];
    expect(freshnessOf(made, { ...now, content: 7, retired })).toBe('stale');
    expect(retiredIn({ ...now, retired })('guide.md', 6)).toBe(true);
    expect(retiredIn({ ...now, retired })('guide.md', 7)).toBe(false);
  });

  it('is not gone because deleted documents as old as it cannot all be named: it was made from none of them', () => {
    const unnamed: NamespaceState['unnamed'] = [7, 8];
    expect(freshnessOf(made, { ...now, unnamed })).toBe('fresh');
    const versions = [6, 7, 8, 9];
    expect(versions.map((version) => retiredIn({ ...now, unnamed })('guide.md', version))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('a stored state', () => {
  const states = fc.record({
    content: fc.nat(),
    purge: fc.nat(),
    horizon: fc.nat(),
    erasedUpTo: fc.nat(),
    unnamed: fc.option(fc.tuple(fc.nat(), fc.nat())),
    retired: fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.nat()), { maxLength: 5 }),
  });

  it('comes back as it was, in ASCII', () => {
    fc.assert(
      fc.property(states, (state) => {
        const text = encodeState(state);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeState(text)).toEqual(state);
      }),
    );
  });

  it('of before whole namespaces and many documents could be deleted says that none were', () => {
    const text = '{"v":1,"content":3,"purge":1,"horizon":0,"retired":[["a",1]]}';
    const nothing = { erasedUpTo: 0, unnamed: null };
    expect(decodeState(text)).toEqual({ content: 3, purge: 1, horizon: 0, ...nothing, retired: [['a', 1]] });
  });

  it.each([null, '', 'null', '{"v":2}', '{"v":1,"content":1}', 'x'])('is nothing when it is %j', (text) => {
    expect(decodeState(text)).toBeNull();
  });

  it('gives way to a later one', () => {
    expect(laterOf(now, { ...now, content: 6 }).content).toBe(6);
    expect(laterOf({ ...now, content: 6 }, now).content).toBe(6);
    expect(laterOf({ ...now, content: 9 }, { ...EMPTY_STATE, purge: 2 }).purge).toBe(2);
    // Nothing was changed, but what was deleted is gone by now.
    expect(laterOf({ ...now, unnamed: [1, 7] }, now).unnamed).toBeNull();
  });
});
