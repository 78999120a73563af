import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSentences } from './sentences.ts';

const texts = (text: string) => splitSentences(text).map((sentence) => sentence.text);

describe('the sentences of a text', () => {
  it('end at punctuation, not at line breaks within a paragraph', () => {
    expect(texts('The first one\ngoes on. The second? Yes!')).toEqual([
      'The first one\ngoes on.',
      'The second?',
      'Yes!',
    ]);
  });

  it('do not end where the next word continues in lower case', () => {
    expect(texts('Use a runtime, e.g. the edge one. Then deploy.')).toEqual([
      'Use a runtime, e.g. the edge one.',
      'Then deploy.',
    ]);
  });

  it('end with headings, list items and paragraphs, without their markup', () => {
    expect(texts('# Limits\nThe text\n\n- one item\n- two items\n2. third')).toEqual([
      'Limits',
      'The text',
      'one item',
      'two items',
      'third',
    ]);
  });

  it('keep a block of code as one piece', () => {
    const sentences = splitSentences('Call it. Like so:\n\n```ts\nlimit(1)\n\n// Then. More.\n```\nDone.');
    expect(sentences.map(({ isProse }) => isProse)).toEqual([true, true, false, true]);
    expect(sentences[2]?.text).toBe('```ts\nlimit(1)\n\n// Then. More.\n```');
  });

  it('leave comments out of the prose', () => {
    const sentences = splitSentences('One is here. <!-- Hidden. More. --> Two is here.');
    expect(sentences.map(({ isProse }) => isProse)).toEqual([true, false, true]);
  });

  it('end at full-width punctuation without a space', () => {
    expect(texts('制限は一です。次は二です。')).toEqual(['制限は一です。', '次は二です。']);
  });

  it('are slices of the text in their order, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'B', '. ', '\n', '\n\n', '- ', '```\n', '# ', '|', '。', '🙂')),
        (parts) => {
          const text = parts.join('');
          let before = 0;
          for (const sentence of splitSentences(text)) {
            expect(sentence.start).toBeGreaterThanOrEqual(before);
            expect(text.slice(sentence.start, sentence.end)).toBe(sentence.text);
            expect(sentence.text.trim()).not.toBe('');
            before = sentence.end;
          }
        },
      ),
    );
  });
});
