import { describe, expect, it } from 'vitest';
import type { IndexedValues } from './metadata.ts';
import { matchesFilter, metadataFilterSchema } from './metadata-filter.ts';

const VALUES: IndexedValues = { lang: 'en', version: 7, draft: false, 'page.kind': 'guide' };

describe('a metadata filter', () => {
  it.each([
    [{ lang: 'en' }, true],
    [{ lang: { $eq: 'de' } }, false],
    [{ version: '7' }, false],
    [{ lang: { $ne: 'de' } }, true],
    [{ lang: { $ne: 'en' } }, false],
    [{ draft: false }, true],
    [{ 'page.kind': 'guide' }, true],
    [{ lang: 'en', version: 8 }, false],
    [{ lang: { $in: ['de', 'en'] } }, true],
    [{ lang: { $in: [] } }, false],
    [{ lang: { $nin: ['de', 'en'] } }, false],
    [{ version: { $gt: 6, $lte: 7 } }, true],
    [{ version: { $gte: 7, $lt: 7 } }, false],
    [{ version: { $gt: '6' } }, false],
    [{ lang: { $gte: 'e', $lt: 'f' } }, true],
    [{ lang: { $gt: 'en' } }, false],
    [{ missing: 'x' }, false],
    [{ missing: null }, true],
    [{ missing: { $ne: 'x' } }, true],
    [{ missing: { $lt: 5 } }, false],
    [{ constructor: { $ne: null } }, false],
  ])('%j matches: %s', (filter, expected) => {
    expect(matchesFilter(metadataFilterSchema.parse(filter), VALUES)).toBe(expected);
  });

  it('compares strings by their first 64 bytes', () => {
    const stored = { title: 'x'.repeat(64) };
    expect(matchesFilter(metadataFilterSchema.parse({ title: `${'x'.repeat(64)}and more` }), stored)).toBe(true);
  });

  it.each([
    ['an unknown operator', { lang: { $regex: 'e' } }],
    ['$or', { $or: [{ lang: 'en' }] }],
    ['nesting without dots', { page: { kind: 'guide' } }],
    ['a bare list', { lang: ['en'] }],
    ['no operator', { lang: {} }],
    ['equality beside a bound', { version: { $eq: 7, $gt: 5 } }],
    ['two lower bounds', { version: { $gt: 5, $gte: 6 } }],
    ['a boolean bound', { draft: { $gt: false } }],
    ['an empty key', { '': 1 }],
    ['an empty nested key', { 'page.': 1 }],
    ['a quote in a key', { 'a"b': 1 }],
    ['a long key', { ['k'.repeat(513)]: 1 }],
    ['no key', {}],
  ])('refuses %s', (_, filter) => {
    expect(metadataFilterSchema.safeParse(filter).success).toBe(false);
  });
});
