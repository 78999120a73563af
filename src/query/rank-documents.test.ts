import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { evidenceOfDocuments, type ReadPassage } from './rank-documents.ts';
import { contentWords } from './words.ts';

function ranked(question: string, passages: ReturnType<typeof aPassage>[]): string[] {
  const read: ReadPassage[] = passages.map((passage) => ({ passage, words: new Set(contentWords(passage.text)) }));
  const evidence = evidenceOfDocuments(read, contentWords(question));
  return [...evidence].sort(([, a], [, b]) => b - a).map(([documentId]) => documentId);
}

function passage(n: number, documentId: string, text: string, similarity: number | null = null) {
  return aPassage(n, text, { documentId, similarity });
}

describe('what documents say of a question', () => {
  it('is as much as their passages were found early, when nothing else tells', () => {
    expect(ranked('limit', [passage(1, 'a', 'A limit.'), passage(2, 'b', 'A limit.')])).toEqual(['a', 'b']);
  });

  it('is more when several passages were found than when one was', () => {
    const found = [passage(1, 'a', 'A limit.'), passage(2, 'b', 'A limit.'), passage(3, 'b', 'A limit.')];
    expect(ranked('limit', found)).toEqual(['b', 'a']);
  });

  it('is more when all of its passages together have the question’s words', () => {
    const found = [
      passage(1, 'a', 'The limit of a cookie.'),
      passage(2, 'b', 'The limit of a request.'),
      passage(3, 'b', 'A body is read once.'),
    ];
    expect(ranked('limit of a request body', found)[0]).toBe('b');
  });

  it('is more when one of its passages is nearer in meaning', () => {
    expect(ranked('limit', [passage(1, 'a', 'A limit.', 0.3), passage(2, 'b', 'A limit.', 0.6)])[0]).toBe('b');
  });

  it('is never so much less for its distance that all else says nothing', () => {
    const far = [
      passage(1, 'a', 'A limit of a request.', 0.01),
      passage(2, 'b', 'Tea.', 0.9),
      passage(3, 'c', 'Milk.', 0.8),
    ];
    const evidence = evidenceOfDocuments(
      far.map((each) => ({ passage: each, words: new Set(contentWords(each.text)) })),
      contentWords('limit of a request'),
    );
    expect((evidence.get('b') ?? 0) - (evidence.get('a') ?? 0)).toBeLessThan(1);
  });

  it('is known without cosines, and with some that are not positive', () => {
    const found = [passage(1, 'a', 'A limit.', -0.1), passage(2, 'b', 'A limit.'), passage(3, 'c', 'Tea.', 0)];
    for (const value of evidenceOfDocuments(
      found.map((each) => ({ passage: each, words: new Set() })),
      ['limit'],
    ).values()) {
      expect(value).toSatisfy(Number.isFinite);
    }
    expect(evidenceOfDocuments([], ['limit'])).toEqual(new Map());
  });
});
