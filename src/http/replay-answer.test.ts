import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { anAnswer } from '../../test/support/an-answer.ts';
import type { Citation } from '../query/answer.ts';
import { type AnswerEvent, answerEventSchema, formatEvent } from './answer-events.ts';
import { replayAnswer } from './replay-answer.ts';

function aCitation(n: number, quote = `Quote ${n}.`): Citation {
  const ids = { chunkId: `chunk-${n}`, documentId: 'guide.md', title: null, url: null };
  return { n, ...ids, quote, start: 0, end: quote.length };
}

const textOf = (events: AnswerEvent[]) =>
  events.flatMap((event) => (event.type === 'delta' ? [event.text] : [])).join('');

describe('a finished answer as a stream', () => {
  it('has its sources, its text with each citation after its number, and itself', () => {
    const passages = [aPassage(1, 'One.'), aPassage(2, 'Two.')];
    const citations = [aCitation(1), aCitation(2), aCitation(1, 'Again.')];
    const answer = anAnswer({ answer: 'Quote 1 [1]. Again [2][1]. End.', passages, citations });
    expect(replayAnswer(answer, { told: 'nothing' })).toEqual([
      { type: 'sources', passages, rewrittenQuestion: null },
      { type: 'delta', text: 'Quote 1 [1]' },
      { type: 'citation', citation: citations[0] },
      { type: 'delta', text: '. Again [2]' },
      { type: 'citation', citation: citations[1] },
      { type: 'delta', text: '[1]' },
      { type: 'citation', citation: citations[2] },
      { type: 'delta', text: '. End.' },
      { type: 'done', answer },
    ]);
  });

  it('without text has sources alone', () => {
    const events = replayAnswer(anAnswer({ answer: null, citations: [] }), { told: 'nothing' });
    expect(events.map(({ type }) => type)).toEqual(['sources', 'done']);
  });

  it('does not repeat the sources that were told, and tells others that took their place', () => {
    const passages = [aPassage(1, 'One.')];
    const answer = anAnswer({ answer: 'One.', citations: [], passages });
    const told = { told: 'sources', passages, rewrittenQuestion: null } as const;
    const typesAfter = (before: Parameters<typeof replayAnswer>[1]) =>
      replayAnswer(answer, before).map(({ type }) => type);
    expect(typesAfter(told)).toEqual(['delta', 'done']);
    expect(typesAfter({ ...told, passages: [aPassage(1, 'Another.')] })).toEqual(['sources', 'delta', 'done']);
    expect(typesAfter({ ...told, passages: [] })).toEqual(['sources', 'delta', 'done']);
    expect(typesAfter({ ...told, rewrittenQuestion: 'What?' })).toEqual(['sources', 'delta', 'done']);
  });

  it('has nothing to add to a text that was told but itself', () => {
    expect(replayAnswer(anAnswer(), { told: 'text' }).map(({ type }) => type)).toEqual(['done']);
  });

  it('says all of its text in order, each citation once and not before its number, as valid events', () => {
    const piece = fc.constantFrom(
      'A claim',
      ' [1]',
      ' [2]',
      '[3]',
      '. ',
      '\n\n',
      '`a[1]`',
      '[',
      ']',
      '[12]',
      '🦕',
      '\u2028',
    );
    const numbers = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), numbers, (pieces, ns) => {
        const text = pieces.join('');
        const citations = ns.map((n, index) => aCitation(n, `Quote ${index}.`));
        const events = replayAnswer(anAnswer({ answer: text, citations }), { told: 'nothing' });
        expect(textOf(events)).toBe(text);
        const told = events.flatMap((event) => (event.type === 'citation' ? [event.citation] : []));
        expect(new Set(told)).toEqual(new Set(citations));
        expect(told).toHaveLength(citations.length);
        for (const [index, event] of events.entries()) {
          if (event.type === 'delta') expect(event.text).not.toBe('');
          if (event.type !== 'citation' || !text.includes(`[${event.citation.n}]`)) continue;
          expect(textOf(events.slice(0, index))).toContain(`[${event.citation.n}]`);
        }
        for (const event of events) {
          const [name = '', data = '', ...rest] = formatEvent(event).split('\n');
          expect(rest).toEqual(['', '']);
          expect(name).toBe(`event: ${event.type}`);
          expect(answerEventSchema.parse(JSON.parse(data.replace(/^data: /, '')))).toEqual(event);
        }
      }),
    );
  });
});
