import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBeirDataset } from './beir-dataset.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vigil-beir-'));
  mkdirSync(join(dir, 'qrels'));
  writeFileSync(join(dir, 'corpus.jsonl'), '{"_id": "1", "title": "t", "text": "x"}\n{"_id": "2", "text": "y"}\n');
  writeFileSync(join(dir, 'queries.jsonl'), '{"_id": "q1", "text": "?"}\n{"_id": "q2", "text": "unjudged"}\n');
  writeFileSync(join(dir, 'qrels', 'test.tsv'), 'query-id\tcorpus-id\tscore\r\nq1\t1\t3\r\nq1\t2\t0\r\n');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('reading a BEIR dataset', () => {
  it('gives the corpus and the queries that have a relevant document', () => {
    const { documents, queries } = readBeirDataset(dir);
    expect(documents).toEqual([
      { _id: '1', title: 't', text: 'x' },
      { _id: '2', title: '', text: 'y' },
    ]);
    expect(queries).toEqual([{ id: 'q1', text: '?', grades: new Map([['1', 3]]) }]);
  });

  it.each([
    ['queries.jsonl', null, 'queries.jsonl is not readable'],
    ['corpus.jsonl', '{"_id": "1", "text": "x"}\nnot json\n', 'corpus.jsonl, line 2'],
    ['qrels/test.tsv', 'query-id\tcorpus-id\tscore\nq1 1 3\n', "'q1 1 3'"],
    ['qrels/test.tsv', 'query-id\tcorpus-id\tscore\n', 'no query has a relevant document'],
  ])('says what is wrong with %s', (file, content, words) => {
    if (content === null) rmSync(join(dir, file));
    else writeFileSync(join(dir, file), content);
    expect(() => readBeirDataset(dir)).toThrow(words);
  });
});
