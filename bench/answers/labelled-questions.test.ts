import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readLabelledQuestions } from './labelled-questions.ts';

const dir = mkdtempSync(join(tmpdir(), 'labelled-questions-'));
afterAll(() => rmSync(dir, { recursive: true }));

function read(...lines: object[]) {
  const file = join(dir, 'questions.jsonl');
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  return readLabelledQuestions(file);
}

describe('labelled questions', () => {
  it('belong to the half they name, else always to the same one', () => {
    const unnamed = Array.from({ length: 40 }, (_, n) => ({ id: `q${n}`, question: '?', documents: ['a.md'] }));
    const named = read(...unnamed.map((line) => ({ ...line, half: 'held-out' })));
    expect(new Set(named.map(({ half }) => half))).toEqual(new Set(['held-out']));
    const halves = read(...unnamed).map(({ half }) => half);
    expect(new Set(halves)).toEqual(new Set(['tuning', 'held-out']));
    expect(read(...unnamed).map(({ half }) => half)).toEqual(halves);
  });

  it('name their documents, or why there are none', () => {
    const [answerable, unanswerable] = read(
      { id: '1', question: 'How?', documents: ['a.md'] },
      { id: '2', question: 'Why?', kind: 'near-domain', set: 'b', half: 'tuning' },
    );
    expect(answerable).toMatchObject({ kind: 'answerable', documents: ['a.md'], set: '' });
    expect(unanswerable).toMatchObject({ kind: 'near-domain', documents: [], set: 'b', half: 'tuning' });
  });

  it.each([
    { id: '1', question: 'How?' },
    { id: '1', question: 'How?', documents: [] },
    { id: '1', question: 'How?', documents: ['a.md'], half: 'other' },
  ])('are refused when they say nothing that is known: %o', (line) => {
    expect(() => read(line)).toThrow('questions.jsonl:1 is not a labelled question');
  });
});
