import { describe, expect, it } from 'vitest';
import type { Metadata } from '../passage.ts';
import { matchesFilter } from './matches-filter.ts';
import type { MetadataFilter } from './metadata-filter.ts';

const metadata: Metadata = {
  lang: 'en',
  year: 2024,
  digits: '2024',
  draft: false,
  tags: ['api', 'v2'],
  untagged: [],
  empty: '',
};

function matches(filter: MetadataFilter): boolean {
  return matchesFilter(filter, metadata);
}

describe('a condition', () => {
  it.each<[MetadataFilter, boolean]>([
    [{ op: 'eq', key: 'lang', value: 'en' }, true],
    [{ op: 'eq', key: 'lang', value: 'EN' }, false],
    [{ op: 'eq', key: 'draft', value: false }, true],
    [{ op: 'in', key: 'year', values: [2023, 2024] }, true],
    [{ op: 'gt', key: 'year', value: 2023.5 }, true],
    [{ op: 'gte', key: 'year', value: 2024 }, true],
    [{ op: 'lt', key: 'year', value: 2024 }, false],
    [{ op: 'lte', key: 'lang', value: 'en' }, true],
    [{ op: 'gt', key: 'lang', value: 'em' }, true],
    [{ op: 'lt', key: 'lang', value: 'e' }, false],
    [{ op: 'contains', key: 'tags', value: 'api' }, true],
    [{ op: 'contains', key: 'tags', value: 'ap' }, false],
  ])('compares values of one type: %j is %s', (filter, expected) => {
    expect(matches(filter)).toBe(expected);
    expect(matches({ op: 'not', filter })).toBe(!expected);
  });

  it.each<MetadataFilter>([
    { op: 'eq', key: 'year', value: '2024' },
    { op: 'eq', key: 'digits', value: 2024 },
    { op: 'eq', key: 'draft', value: 0 },
    { op: 'eq', key: 'draft', value: '' },
    { op: 'eq', key: 'tags', value: 'api' },
    { op: 'in', key: 'tags', values: ['api', 'v2'] },
    { op: 'gt', key: 'digits', value: 1 },
    { op: 'gt', key: 'year', value: '1' },
    { op: 'gte', key: 'draft', value: 0 },
    { op: 'gte', key: 'tags', value: '' },
    { op: 'contains', key: 'lang', value: 'en' },
    { op: 'contains', key: 'untagged', value: '' },
  ])('never mixes types: %j is false', (filter) => {
    expect(matches(filter)).toBe(false);
  });

  it('is false of a missing key, and its opposite is true', () => {
    for (const key of ['missing', 'constructor', '__proto__']) {
      for (const filter of [
        { op: 'eq', key, value: 'x' },
        { op: 'in', key, values: ['x', 0, false] },
        { op: 'gte', key, value: '' },
        { op: 'lt', key, value: 1e9 },
        { op: 'contains', key, value: 'x' },
        { op: 'exists', key, value: true },
      ] satisfies MetadataFilter[]) {
        expect(matches(filter)).toBe(false);
        expect(matches({ op: 'not', filter })).toBe(true);
      }
      expect(matches({ op: 'ne', key, value: 'x' })).toBe(true);
      expect(matches({ op: 'nin', key, values: ['x'] })).toBe(true);
      expect(matches({ op: 'exists', key, value: false })).toBe(true);
    }
  });

  it('counts an empty text and an empty list as there', () => {
    expect(matches({ op: 'exists', key: 'empty', value: true })).toBe(true);
    expect(matches({ op: 'exists', key: 'untagged', value: true })).toBe(true);
  });

  it('orders texts by code point', () => {
    const last = { text: '\u{1F600}' };
    expect(matchesFilter({ op: 'gt', key: 'text', value: '\uFFFD' }, last)).toBe(true);
    expect(matchesFilter({ op: 'gt', key: 'text', value: '\u{1F600}' }, last)).toBe(false);
    expect(matchesFilter({ op: 'gt', key: 'text', value: '' }, last)).toBe(true);
  });
});

it('and, or and not combine what they hold', () => {
  const yes: MetadataFilter = { op: 'eq', key: 'lang', value: 'en' };
  const no: MetadataFilter = { op: 'eq', key: 'lang', value: 'de' };
  expect(matches({ op: 'and', filters: [yes, no] })).toBe(false);
  expect(matches({ op: 'or', filters: [no, yes] })).toBe(true);
  expect(matches({ op: 'not', filter: { op: 'or', filters: [no, { op: 'not', filter: yes }] } })).toBe(true);
});
