import { describe, expect, it } from 'vitest';
import type { MeasuredAnswer } from './measured-answer.ts';
import { answerPromises, summarise } from './summary.ts';

const measured = (parts: Partial<MeasuredAnswer>): MeasuredAnswer => ({
  ...{ id: 'a', question: '?', kind: 'answerable', half: 'held-out', refused: false, reason: null },
  ...{ rightCitations: [true], citations: 1, wrongQuotes: 0, sentences: 1, unsupported: 0 },
  ...{ generation: 'model', degraded: 0, totalMs: 1 },
  ...parts,
});

describe('what answers are summarised to', () => {
  const answers = [
    measured({}),
    measured({ rightCitations: [false, false, true] }),
    measured({ rightCitations: [false, false, false, true] }),
    measured({ refused: true, rightCitations: [] }),
    measured({ kind: 'off-domain', refused: true }),
    measured({ kind: 'near-domain', wrongQuotes: 1 }),
    measured({ half: 'tuning', rightCitations: [] }),
  ];

  it('counts citations of what was answered, of one half alone', () => {
    expect(summarise(answers, 'held-out')).toMatchObject({
      refused: {
        answerable: { count: 1, of: 4 },
        'off-domain': { count: 1, of: 1 },
        'near-domain': { count: 0, of: 1 },
      },
      firstRight: { count: 1, of: 3 },
      rightAmongThree: { count: 2, of: 3 },
      wrongQuotes: 1,
    });
  });

  it('breaks the promises that do not hold', () => {
    const broken = answerPromises(summarise(answers, 'held-out')).filter(({ holds }) => !holds);
    expect(broken).toHaveLength(5);
  });
});
