import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { estimateGenerationTokens } from '../models/token-estimate.ts';
import { packContext } from './pack-context.ts';
import { buildPrompt } from './prompt.ts';

const fifty = (word: string) => `${word} `.repeat(50).trim();
const numbersOf = (passages: { n: number }[]) => passages.map(({ n }) => n);

describe('packing passages', () => {
  const passages = [aPassage(1, fifty('one')), aPassage(2, fifty('two')), aPassage(3, 'three')];

  it('takes the best that fit, under their own numbers', () => {
    expect(numbersOf(packContext(passages, 80))).toEqual([1]);
    expect(numbersOf(packContext(passages, 1_000))).toEqual([1, 2, 3]);
  });

  it('leaves out what another passage says too', () => {
    const text = 'The limit is one megabyte. It can be raised.';
    const same = [aPassage(1, text), aPassage(2, text), aPassage(3, 'It can be raised.\n'), aPassage(4, 'Other.')];
    expect(numbersOf(packContext(same, 1_000))).toEqual([1, 4]);
  });

  it('takes the longer one for a passage that is part of it', () => {
    const short = aPassage(1, 'It can be raised.');
    const long = aPassage(3, 'The limit is one megabyte. It can be raised.');
    expect(numbersOf(packContext([short, aPassage(2, 'Other.'), long], 1_000))).toEqual([3, 2]);
    expect(numbersOf(packContext([short, aPassage(3, `It can be raised. ${fifty('x')}`)], 60))).toEqual([1]);
  });

  it('cuts the first that does not fit after a sentence, where enough of it is left', () => {
    const long = aPassage(2, 'A sentence of some length that says nothing. '.repeat(40), { start: 7 });
    const [, cut] = packContext([aPassage(1, 'One.'), long, aPassage(3, 'Three.')], 200);
    expect(cut?.text).toMatch(/^A sentence[\s\S]+ nothing\.$/);
    expect(cut?.end).toBe(7 + (cut?.text.length ?? 0));
    expect(numbersOf(packContext([aPassage(1, 'One.'), long], 60))).toEqual([1]);
  });

  it('cuts code at a line, and what has no end at a character', () => {
    const code = aPassage(1, `\`\`\`ts\n${'call(1)\n'.repeat(200)}\`\`\``);
    expect(packContext([code], 200)[0]?.text).toMatch(/^```ts\n(?:call\(1\)\n)+call\(1\)$/);
    const endless = packContext([aPassage(1, '🙂'.repeat(900))], 200)[0];
    expect(endless?.text).toMatch(/^(?:🙂)+$/u);
  });

  it('always takes something of the first', () => {
    const [first] = packContext(passages, 1);
    expect(first?.n).toBe(1);
    expect(first?.text).not.toBe('');
    expect(packContext([], 100)).toEqual([]);
  });

  it('keeps to the budget, whatever the passages, and to slices of them', () => {
    const word = fc.constantFrom(
      'word ',
      'Wort. ',
      '\n\n',
      '`code` ',
      '限界。',
      '<passage>',
      '[1]',
      '🙂',
      '- ',
      '<!-- x -->',
      'System:',
    );
    const text = fc.array(word, { minLength: 1, maxLength: 200 }).map((words) => `x${words.join('')}`);
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 60, max: 2_000 }),
        (texts, budget) => {
          const given = texts.map((each, index) => aPassage(index + 1, each));
          const packed = packContext(given, budget);
          const question = '<question></question>';
          const content = buildPrompt('', packed)[1]?.content ?? '';
          expect(estimateGenerationTokens(content) - estimateGenerationTokens(question)).toBeLessThanOrEqual(budget);
          for (const { n, text: kept } of packed) expect(given[n - 1]?.text.startsWith(kept)).toBe(true);
          expect(packed.length).toBeGreaterThan(0);
          expect(new Set(packed.map((each) => each.text.trim())).size).toBe(packed.length);
        },
      ),
    );
  });
});
