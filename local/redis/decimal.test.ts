import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimal } from './decimal.ts';

describe('decimals', () => {
  it.each([
    ['10.50', '10.5'],
    ['5.0e3', '5000'],
    ['-.5', '-0.5'],
    ['3.', '3'],
    ['-0', '0'],
    ['1e-17', '0.00000000000000001'],
    ['6e-18', '0.00000000000000001'],
  ])('%s is printed %s', (text, expected) => {
    expect(formatDecimal(parseDecimal(text) ?? -1n)).toBe(expected);
  });

  it.each(['', '.', 'x', '1 ', ' 1', '0x10', 'nan', 'inf', '1e', '1e9999', '--1'])('%j is no float', (text) => {
    expect(parseDecimal(text)).toBeNull();
  });

  it('keeps what it prints', () => {
    fc.assert(
      fc.property(fc.bigInt(), (scaled) => {
        expect(parseDecimal(formatDecimal(scaled))).toBe(scaled);
      }),
      { seed: 1 },
    );
  });
});
