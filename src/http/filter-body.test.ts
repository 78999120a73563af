import { describe, expect, it } from 'vitest';
import { filterBody } from './filter-body.ts';

function read(wire: unknown) {
  return filterBody.parse(wire);
}

function problems(wire: unknown): string[] {
  const parsed = filterBody.safeParse(wire);
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `/${path.join('/')} ${message}`);
}

describe('a filter in a request', () => {
  it('has a value to equal, operators, or both, all of which must hold', () => {
    expect(read({ lang: 'en' })).toEqual({ op: 'eq', key: 'lang', value: 'en' });
    expect(read({ year: { gte: 2020, lt: 2024 }, draft: false })).toEqual({
      op: 'and',
      filters: [
        {
          op: 'and',
          filters: [
            { op: 'gte', key: 'year', value: 2020 },
            { op: 'lt', key: 'year', value: 2024 },
          ],
        },
        { op: 'eq', key: 'draft', value: false },
      ],
    });
  });

  it('combines filters', () => {
    expect(read({ or: [{ tags: { contains: 'api' } }, { not: { lang: { in: ['de', 'fr'] } } }] })).toEqual({
      op: 'or',
      filters: [
        { op: 'contains', key: 'tags', value: 'api' },
        { op: 'not', filter: { op: 'in', key: 'lang', values: ['de', 'fr'] } },
      ],
    });
  });

  it.each<[unknown, string]>([
    [{ year: { $gte: 2020 } }, '/year/$gte is not an operator; did you mean "gte"?'],
    [{ tags: { containz: 'a' } }, '/tags/containz is not an operator; did you mean "contains"?'],
    [{ $or: [] }, '/$or is not a metadata key; did you mean "or"?'],
    [{ OR: [{ a: 1 }] }, '/OR is a list; did you mean "or"?'],
    [{ lang: ['en'] }, '/lang is a list: write {"in": […]} for any of the values, {"contains": "…"} for an element'],
    [{ lang: null }, '/lang is null: write {"exists": false} for documents without the key'],
    [{ lang: {} }, '/lang has no operator'],
    [{ lang: { eq: null } }, '/lang/eq takes a string, a number or a boolean'],
    [{ lang: { in: [] } }, '/lang/in is empty'],
    [{ lang: { in: ['en', {}] } }, '/lang/in/1 takes a string, a number or a boolean'],
    [{ lang: { in: 'en' } }, '/lang/in takes a list of strings, numbers or booleans'],
    [{ draft: { gt: true } }, '/draft/gt takes a number or a string'],
    [{ tags: { contains: 1 } }, '/tags/contains is not a string'],
    [{ tags: { exists: 'yes' } }, '/tags/exists takes true or false'],
    [{ lang: 'a\0' }, '/lang has NUL characters or broken Unicode'],
    [{ lang: 'a\ud800' }, '/lang has NUL characters or broken Unicode'],
    [JSON.parse('{"lang": 1e999}'), '/lang takes a string, a number or a boolean'],
    [{ 'lang" OR 1=1': 'en' }, '/lang" OR 1=1 is not a metadata key; known are and, or, not'],
    [{ 'a.b': 1 }, '/a.b is not a metadata key; known are and, or, not'],
    [{ and: { lang: 'en' } }, '/and takes a list of filters'],
    [{ and: [] }, '/and is empty'],
    [{ and: [{ lang: 'en' }, 7] }, '/and/1 is no filter: write an object such as {"lang": "en"}'],
    [{ not: [] }, '/not is no filter: write an object such as {"lang": "en"}'],
    [{}, '/ is empty: leave it out to search every document'],
    ['lang', '/ is no filter: write an object such as {"lang": "en"}'],
  ])('is refused where it is wrong: %j', (wire, problem) => {
    expect(problems(wire)).toEqual([problem]);
  });

  it('is refused when a text is too long', () => {
    expect(problems({ lang: 'a'.repeat(1_000) })).toEqual([]);
    expect(problems({ lang: 'a'.repeat(1_001) })).toEqual(['/lang may have at most 1000 characters']);
  });

  it('names every mistake', () => {
    expect(problems({ a: {}, b: [], or: [{ c: null }] })).toHaveLength(3);
  });

  it('is bounded in depth, conditions, values, bytes, and in the complaints about it', () => {
    const nested = (depth: number): unknown => (depth === 0 ? { a: 1 } : { not: nested(depth - 1) });
    expect(problems(nested(7))).toEqual([]);
    expect(problems(nested(8))).toEqual([expect.stringContaining('nested more than 8 deep')]);
    const endless = JSON.parse(`${'{"not":'.repeat(15_000)}1${'}'.repeat(15_000)}`);
    expect(problems(endless)).toEqual([expect.stringContaining('nested more than 8 deep')]);
    const conditions = (count: number) => ({ or: Array.from({ length: count }, (_, n) => ({ a: n })) });
    expect(problems(conditions(32))).toEqual([]);
    expect(problems(conditions(33))).toEqual(['/ may have at most 32 conditions']);
    const list = (count: number, text = '') => ({ a: { in: Array.from({ length: count }, (_, n) => `${n}${text}`) } });
    expect(problems(list(100))).toEqual([]);
    expect(problems(list(101))).toEqual(['/a/in may list at most 100 values']);
    expect(problems(list(100, 'x'.repeat(200)))).toEqual(['/ may have at most 16384 bytes as JSON']);
    const wrong = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`k-${n}`, n]));
    expect(problems(wrong)).toHaveLength(20);
  });

  it('takes no key from a prototype', () => {
    expect(problems({ toString: { valueOf: 1 } })).toEqual([expect.stringContaining('is not an operator')]);
    expect(read(JSON.parse('{"__proto__": "x"}'))).toEqual({ op: 'eq', key: '__proto__', value: 'x' });
  });
});
