import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilterSyntaxError } from './filter-syntax-error.ts';
import { matchesGlob, parseGlob } from './glob-pattern.ts';
import { matchesFilter } from './matches-filter.ts';
import { parseFilter } from './parse-filter.ts';

const SEED = 20_250_101;

const istanbul = {
  city: 'Istanbul',
  country: 'Turkey',
  is_capital: false,
  is_large: true,
  population: 15460000,
  nothing: null,
  geography: { continent: 'Asia', coordinates: { latitude: 41.0082, longitude: 28.9784, below: -5 } },
  economy: { currency: 'TRY', major_industries: ['Tourism', 'Textiles', 'Finance'], ranks: [3, 1, true] },
  'content-type': 'text/html',
};

function matches(source: string): boolean {
  return matchesFilter(parseFilter(source), istanbul);
}

describe('filters that match', () => {
  it.each([
    "country = 'Turkey' AND population = 15460000 AND is_capital = false",
    'country = "Turkey"',
    "country != 'Germany' AND population != 12500000 AND is_capital != true",
    'is_capital = 0 AND is_large = 1 AND is_large = TRUE',
    'population < 20000000 OR geography.coordinates.longitude < 30.0',
    'population <= 15460000 and population >= 15460000',
    'geography.coordinates.below > -5.5 AND geography.coordinates.below<-4',
    "city GLOB '?[sz]*[^m-z]'",
    "city NOT GLOB 'A*'",
    "country IN ('Germany', 'Turkey', 'France')",
    "economy.currency not in ('USD', 'EUR')",
    'is_capital IN (0, 7)',
    "economy.major_industries CONTAINS 'Tourism'",
    "economy.major_industries NOT CONTAINS 'Steel Production'",
    'economy.ranks contains 3 AND economy.ranks CONTAINS 1',
    "economy.major_industries[0] = 'Tourism' AND economy.major_industries[#-1] = 'Finance'",
    'HAS FIELD geography.coordinates.latitude AND has not field geography.planet',
    'HAS FIELD nothing',
    'HAS NOT FIELD economy.major_industries[3]',
    "content-type = 'text/html'",
    "country = 'Germany' AND population > 1 OR city = 'Istanbul'",
    "city = 'Istanbul' OR country = 'Germany' AND population < 1",
    "country = 'Turkey'\nAND\t(population > 99999999 OR(is_capital = false))",
  ])('%s', (source) => {
    expect(matches(source)).toBe(true);
  });
});

describe('filters that do not match', () => {
  it.each([
    "(country = 'Germany' OR country = 'Turkey') AND population < 1",
    "city GLOB 'istanbul'",
    "city GLOB 'Istan'",
    "city = 'istanbul'",
    "population = '15460000'",
    'is_large = 2',
    'city > 5',
    "unknown != 'x'",
    "unknown NOT IN ('x')",
    "unknown NOT GLOB 'x'",
    "unknown NOT CONTAINS 'x'",
    "nothing != 'x'",
    "city CONTAINS 'I'",
    "city NOT CONTAINS 'I'",
    "population NOT GLOB 'x'",
    "geography != 'x'",
    "geography.continent.letters = 'x'",
    'economy.major_industries.length = 3',
    'economy.major_industries[#-0] = 1',
    "economy.major_industries[3] != 'x'",
    'HAS FIELD constructor',
    'HAS NOT FIELD city',
  ])('%s', (source) => {
    expect(matches(source)).toBe(false);
  });

  it('any condition, for a vector without metadata', () => {
    expect(matchesFilter(parseFilter('a != 1 OR a NOT IN (1) OR HAS FIELD a'), null)).toBe(false);
    expect(matchesFilter(parseFilter('HAS NOT FIELD a'), null)).toBe(true);
  });
});

describe('filters refused', () => {
  it.each([
    ['user_id = "u" AND age = [object Object]', "At line 1:24 token recognition error at: '['"],
    ['a = 1\nAND b == 2', "At line 2:7 mismatched input '=' expecting a string, a number or a boolean"],
    ['a = 1 AND', "At line 1:9 mismatched input '<EOF>' expecting a metadata key"],
  ])('%s: %s', (source, message) => {
    expect(() => parseFilter(source)).toThrow(message);
  });

  it.each([
    '',
    'a',
    'a =',
    "= 'x'",
    '1 = 1',
    "'a' = 1",
    'a = b',
    "a = 'open",
    'a = "open\'',
    'a <> 1',
    'a ! 1',
    'NOT a = 1',
    "a < 'x'",
    'a >= true',
    'a GLOB 5',
    "a GLOB '[a'",
    'a IN 1',
    'a IN ()',
    'a IN (1,)',
    'a IN (1',
    'a NOT = 1',
    'a NOT 1',
    'a CONTAINS (1)',
    'HAS a',
    'HAS FIELD',
    "HAS FIELD 'a'",
    '(a = 1',
    'a = 1)',
    '()',
    'a = 1 b = 2',
    'a = 1 AND OR b = 1',
    'a. = 1',
    'a..b = 1',
    'a[x] = 1',
    'a[ = 1',
    'a[-1] = 1',
    'a[0]b = 1',
    'a#b = 1',
    'in = 1',
    'ä = 1',
    'a = 1e5',
    'a = +1',
    'a = null',
    "a = 'it''s'",
    `${'('.repeat(100_000)}a = 1`,
  ])('%s', (source) => {
    expect(() => parseFilter(source)).toThrow(FilterSyntaxError);
  });
});

describe('any filter', () => {
  it('parses or throws FilterSyntaxError, nothing else', () => {
    const words = [
      'a',
      'a.b',
      'a[0]',
      'AND',
      'or',
      'NOT',
      'IN',
      'GLOB',
      'CONTAINS',
      'HAS',
      'FIELD',
      '=',
      '!=',
      '<',
      '>=',
    ];
    const pieces = [
      ...words,
      '(',
      ')',
      ',',
      '1',
      '-2.5',
      'true',
      "'x'",
      '"[a"',
      "'[a'",
      '[',
      '#',
      '.',
      "'",
      '\\',
      '\n',
    ];
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((chosen) => chosen.join(' ')),
    );
    fc.assert(
      fc.property(anyText, (source) => {
        try {
          matchesFilter(parseFilter(source), istanbul);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterSyntaxError);
        }
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it('means what it was generated from', () => {
    fc.assert(
      fc.property(anyFilter, anyMetadata, ({ text, expected }, metadata) => {
        expect(matchesFilter(parseFilter(text), metadata)).toBe(expected(metadata));
      }),
      { seed: SEED, numRuns: 3_000 },
    );
  });

  it('globs like an equivalent regular expression', () => {
    const piece = fc.constantFrom(
      ...([
        ['*', '.*'],
        ['?', '.'],
        ['[ab]', '[ab]'],
        ['[^b-c]', '[^b-c]'],
        ['a', 'a'],
        ['b', 'b'],
        ['.', '\\.'],
      ] as const),
    );
    const anyText = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '😀') });
    fc.assert(
      fc.property(fc.array(piece), anyText, (pieces, text) => {
        const pattern = parseGlob(pieces.map(([glob]) => glob).join(''));
        const regExp = new RegExp(`^${pieces.map(([, source]) => source).join('')}$`, 'su');
        expect(pattern && matchesGlob(pattern, text)).toBe(regExp.test(text));
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it('globs a hostile pattern in no time', () => {
    const pattern = parseGlob('*a'.repeat(200));
    expect(pattern && matchesGlob(pattern, `${'a'.repeat(5_000)}b`)).toBe(false);
  });
});

/** Metadata as the generated filters see it: `n`, `s`, `b` and `tags` may be missing. */
interface Sample {
  n?: number;
  s?: string;
  b?: boolean;
  deep: { tags?: (number | string)[] };
}

/** A filter's text, written by the generator, beside its meaning as a plain function. */
interface Generated {
  text: string;
  expected: (metadata: Sample) => boolean;
}

const anyNumber = fc.integer({ min: -3, max: 3 });
const anyWord: fc.Arbitrary<string> = fc.constantFrom('', 'a', 'ab', 'b c');
const anyMetadata: fc.Arbitrary<Sample> = fc.record(
  {
    n: anyNumber,
    s: anyWord,
    b: fc.boolean(),
    deep: fc.record({ tags: fc.array(fc.oneof(anyNumber, anyWord), { maxLength: 4 }) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['deep'] },
);
const quoted = (word: string) => `'${word}'`;
const keyword = (upper: string) => fc.constantFrom(upper, upper.toLowerCase());

const anyCondition: fc.Arbitrary<Generated> = fc.oneof(
  fc.record({ operator: fc.constantFrom('<', '<=', '>', '>=', '=', '!='), literal: anyNumber }).map(
    ({ operator, literal }): Generated => ({
      text: `n ${operator} ${literal}`,
      expected: ({ n }) => {
        if (n === undefined) return false;
        const outcomes = new Map([
          ['<', n < literal],
          ['<=', n <= literal],
          ['>', n > literal],
          ['>=', n >= literal],
          ['=', n === literal],
          ['!=', n !== literal],
        ]);
        return outcomes.get(operator) === true;
      },
    }),
  ),
  fc.record({ word: anyWord, equal: fc.boolean() }).map(
    ({ word, equal }): Generated => ({
      text: `s${equal ? '=' : '!='}"${word}"`,
      expected: ({ s }) => s !== undefined && (s === word) === equal,
    }),
  ),
  fc.record({ literal: fc.constantFrom('1', '0', 'true', 'FALSE'), equal: fc.boolean() }).map(
    ({ literal, equal }): Generated => ({
      text: `b ${equal ? '=' : '!='} ${literal}`,
      expected: ({ b }) => b !== undefined && (b === (literal === '1' || literal === 'true')) === equal,
    }),
  ),
  fc
    .record({ words: fc.array(anyWord, { minLength: 1, maxLength: 3 }), negated: fc.boolean(), name: keyword('IN') })
    .map(
      ({ words, negated, name }): Generated => ({
        text: `s ${negated ? 'NOT ' : ''}${name} (${words.map(quoted).join(' ,')})`,
        expected: ({ s }) => s !== undefined && words.includes(s) !== negated,
      }),
    ),
  fc.record({ start: fc.constantFrom('a', 'b'), negated: fc.boolean(), name: keyword('GLOB') }).map(
    ({ start, negated, name }): Generated => ({
      text: `s ${negated ? 'not ' : ''}${name} '${start}*'`,
      expected: ({ s }) => s !== undefined && s.startsWith(start) !== negated,
    }),
  ),
  fc.record({ literal: fc.oneof(anyNumber, anyWord), negated: fc.boolean(), name: keyword('CONTAINS') }).map(
    ({ literal, negated, name }): Generated => ({
      text: `deep.tags ${negated ? 'NOT ' : ''}${name} ${typeof literal === 'string' ? quoted(literal) : literal}`,
      expected: ({ deep }) => deep.tags !== undefined && deep.tags.includes(literal) !== negated,
    }),
  ),
  fc.record({ position: fc.integer({ min: 0, max: 4 }), fromEnd: fc.boolean(), negated: fc.boolean() }).map(
    ({ position, fromEnd, negated }): Generated => ({
      text: `HAS ${negated ? 'NOT ' : ''}FIELD deep.tags[${fromEnd ? `#-${position}` : position}]`,
      expected: ({ deep }) =>
        (deep.tags?.at(fromEnd ? -position || deep.tags.length : position) !== undefined) !== negated,
    }),
  ),
);

/** Parentheses only where AND would otherwise bind the operands of an OR apart, and sometimes where they are idle. */
const { anyFilter } = fc.letrec<{ anyFilter: Generated; anyTerm: Generated; anyConjunction: Generated }>((tie) => ({
  anyTerm: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    anyCondition,
    tie('anyFilter').map(({ text, expected }) => ({ text: `(${text})`, expected })),
  ),
  anyConjunction: chainOf(tie('anyTerm'), 'AND', (all, metadata) => all.every(({ expected }) => expected(metadata))),
  anyFilter: chainOf(tie('anyConjunction'), 'OR', (any, metadata) => any.some(({ expected }) => expected(metadata))),
}));

function chainOf(
  operand: fc.Arbitrary<Generated>,
  name: 'AND' | 'OR',
  combine: (operands: Generated[], metadata: Sample) => boolean,
): fc.Arbitrary<Generated> {
  return fc.tuple(fc.array(operand, { minLength: 1, maxLength: 3 }), keyword(name)).map(([operands, written]) => ({
    text: operands.map(({ text }) => text).join(` ${written} `),
    expected: (metadata) => combine(operands, metadata),
  }));
}
