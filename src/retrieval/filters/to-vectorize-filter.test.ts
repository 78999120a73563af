import { describe, expect, it } from 'vitest';
import type { MetadataFilter } from './metadata-filter.ts';
import { toVectorizeFilter } from './to-vectorize-filter.ts';

const filterable = new Map([
  ['lang', 'string'],
  ['year', 'number'],
  ['draft', 'boolean'],
] as const);
const english: MetadataFilter = { op: 'eq', key: 'lang', value: 'en' };
const recent: MetadataFilter = { op: 'gte', key: 'year', value: 2020 };

function sent(filter: MetadataFilter) {
  return toVectorizeFilter(filter, filterable);
}

describe('what Vectorize is told of a filter', () => {
  it.each<[MetadataFilter, object]>([
    [english, { 'metadata.lang': { $eq: 'en' } }],
    [{ op: 'eq', key: 'draft', value: false }, { 'metadata.draft': { $eq: false } }],
    [{ op: 'in', key: 'year', values: [1, 2] }, { 'metadata.year': { $in: [1, 2] } }],
    [
      { op: 'and', filters: [english, recent, { op: 'lt', key: 'year', value: 2024 }] },
      { 'metadata.lang': { $eq: 'en' }, 'metadata.year': { $gte: 2020, $lt: 2024 } },
    ],
    [{ op: 'not', filter: { op: 'ne', key: 'lang', value: 'en' } }, { 'metadata.lang': { $eq: 'en' } }],
    [
      {
        op: 'not',
        filter: {
          op: 'or',
          filters: [
            { op: 'nin', key: 'year', values: [1] },
            { op: 'ne', key: 'lang', value: 'en' },
          ],
        },
      },
      { 'metadata.lang': { $eq: 'en' }, 'metadata.year': { $in: [1] } },
    ],
  ])('%j', (filter, expected) => {
    expect(sent(filter)).toEqual(expected);
  });

  it('is the part it can do', () => {
    const rest: MetadataFilter[] = [
      { op: 'ne', key: 'year', value: 2021 },
      { op: 'contains', key: 'tags', value: 'a' },
      { op: 'or', filters: [english, recent] },
      { op: 'gt', key: 'year', value: 1990 },
    ];
    expect(sent({ op: 'and', filters: [...rest, english] })).toEqual({
      'metadata.year': { $gt: 1990 },
      'metadata.lang': { $eq: 'en' },
    });
  });

  it('is one condition a key: an equality before a range, the first of two bounds', () => {
    const is: MetadataFilter = { op: 'eq', key: 'year', value: 2022 };
    expect(sent({ op: 'and', filters: [recent, is] })).toEqual({ 'metadata.year': { $eq: 2022 } });
    const later: MetadataFilter = { op: 'gt', key: 'year', value: 2021 };
    expect(sent({ op: 'and', filters: [recent, later] })).toEqual({ 'metadata.year': { $gte: 2020 } });
  });

  it.each<[string, MetadataFilter]>([
    ['of a key without an index', { op: 'eq', key: 'author', value: 'x' }],
    ['of another type than the index', { op: 'eq', key: 'year', value: '2020' }],
    ['of several types', { op: 'in', key: 'lang', values: ['en', 1] }],
    ['that is negative, as what an absent key does is unknown', { op: 'ne', key: 'lang', value: 'en' }],
    ['that negates a range', { op: 'not', filter: recent }],
    ['about the key alone', { op: 'exists', key: 'lang', value: true }],
    ['about a list', { op: 'contains', key: 'lang', value: 'en' }],
    ['on a text of which only a part is indexed', { op: 'eq', key: 'lang', value: 'x'.repeat(61) }],
    ['on a range of texts beyond ASCII', { op: 'gt', key: 'lang', value: 'é' }],
    ['that is one of several', { op: 'or', filters: [english, recent] }],
  ])('is nothing for a condition %s', (_what, filter) => {
    expect(sent(filter)).toBeNull();
  });

  it('stays below 2,048 bytes by leaving conditions out', () => {
    const values = Array.from({ length: 100 }, (_, n) => `value-${n}`.padEnd(30, '.'));
    const filter: MetadataFilter = { op: 'and', filters: [{ op: 'in', key: 'lang', values }, recent] };
    expect(sent(filter)).toEqual({ 'metadata.year': { $gte: 2020 } });
  });
});
