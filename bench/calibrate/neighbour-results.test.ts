import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VectoredQuestion } from '../../src/cache/similar-questions/match-questions.ts';
import { readQuestionText } from '../../src/cache/similar-questions/question-text.ts';
import { matchedNeighbours, ndcgChanges, readRankings } from './neighbour-results.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vigil-neighbours-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const QUERIES = [
  { id: '1', text: 'How do I delete a file?', grades: new Map([['d1', 1]]) },
  { id: '2', text: 'How can I remove a file?', grades: new Map([['d1', 1]]) },
  { id: '3', text: 'How do I create a file?', grades: new Map([['d3', 1]]) },
];
const QUESTIONS = new Map<string, VectoredQuestion>(
  QUERIES.map(({ text }) => [text, { text: readQuestionText(text), vector: Float32Array.of(1) }]),
);

function aReport(dataset: string): string {
  const path = join(directory, 'quality.json');
  const hybrid = [
    { queryId: '1', ranking: ['d1', 'd2'] },
    { queryId: '2', ranking: ['d2', 'd1'] },
  ];
  writeFileSync(path, JSON.stringify({ raw: { dataset, results: { hybrid } } }));
  return path;
}

describe('queries of a collection', () => {
  it('lose or win what their neighbour’s results are worth less or more', () => {
    const neighbours = matchedNeighbours(QUERIES, QUESTIONS, 0.9);
    expect(neighbours.map(({ asked, served }) => [asked.id, served.id])).toEqual([
      ['1', '2'],
      ['2', '1'],
    ]);
    const [lost = 0, won = 0] = ndcgChanges(neighbours, readRankings(aReport('a'), 'a'));
    expect(lost).toBeCloseTo(1 / Math.log2(3) - 1, 5);
    expect(won).toBeCloseTo(-lost, 5);
  });

  it('are not measured with another collection’s results, or with some of them missing', () => {
    expect(() => readRankings(aReport('b'), 'a')).toThrow('is about b, not a');
    expect(() => readRankings(join(directory, 'none.json'), 'a')).toThrow('no report');
    expect(() => ndcgChanges(matchedNeighbours(QUERIES, QUESTIONS, 0.9), new Map())).toThrow('lacks');
  });
});
