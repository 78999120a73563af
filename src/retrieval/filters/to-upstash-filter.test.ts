import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetadataFilter } from './metadata-filter.ts';
import { toUpstashFilter } from './to-upstash-filter.ts';

const english: MetadataFilter = { op: 'eq', key: 'lang', value: 'en' };
const recent: MetadataFilter = { op: 'gte', key: 'year', value: 2020 };
const notDraft: MetadataFilter = { op: 'ne', key: 'draft', value: true };

describe('what Upstash is told of a filter', () => {
  it.each<[MetadataFilter, string]>([
    [english, "metadata.lang = 'en'"],
    [{ op: 'eq', key: 'draft', value: true }, 'metadata.draft = true'],
    [{ op: 'in', key: 'lang', values: ['en', 'de-AT', 3] }, "metadata.lang IN ('en', 'de-AT', 3)"],
    [{ op: 'lt', key: 'year', value: -1.5 }, 'metadata.year < -1.5'],
    [{ op: 'contains', key: 'tags', value: 'a b' }, "metadata.tags CONTAINS 'a b'"],
    [{ op: 'exists', key: 'tags', value: false }, 'HAS NOT FIELD metadata.tags'],
    [{ op: 'not', filter: { op: 'exists', key: 'tags', value: false } }, 'HAS FIELD metadata.tags'],
    [
      { op: 'and', filters: [english, { op: 'or', filters: [recent, english] }] },
      "(metadata.lang = 'en' AND (metadata.year >= 2020 OR metadata.lang = 'en'))",
    ],
  ])('%j', (filter, text) => {
    expect(toUpstashFilter(filter)).toEqual({ text, isWhole: true });
  });

  it('is the part it can do, and known to be one', () => {
    const filter: MetadataFilter = { op: 'and', filters: [notDraft, english] };
    expect(toUpstashFilter(filter)).toEqual({ text: "metadata.lang = 'en'", isWhole: false });
  });

  it.each<[string, MetadataFilter]>([
    ['negative, as what an absent key does is unknown', notDraft],
    ['on a quote', { op: 'eq', key: 'lang', value: "x' OR metadata.lang != 'y" }],
    ['on a backslash', { op: 'contains', key: 'lang', value: 'x\\' }],
    ['on an empty text', { op: 'eq', key: 'lang', value: '' }],
    ['on a number with an exponent', { op: 'eq', key: 'year', value: 1e21 }],
    ['on the order of texts', { op: 'gt', key: 'lang', value: 'en' }],
    ['one of several that cannot all be sent', { op: 'or', filters: [english, notDraft] }],
  ])('is nothing for a condition that is %s', (_what, filter) => {
    expect(toUpstashFilter(filter)).toBeNull();
  });

  it('never holds a text that could end its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const sent = toUpstashFilter({ op: 'eq', key: 'lang', value });
        if (sent !== null) expect(sent.text).toMatch(/^metadata\.lang = '[A-Za-z0-9 _.:/@-]+'$/);
      }),
    );
  });
});
