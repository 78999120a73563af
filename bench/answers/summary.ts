import { type Promised, promised } from '../report.ts';
import type { Kind, LabelledQuestion } from './labelled-questions.ts';
import type { MeasuredAnswer } from './measured-answer.ts';

export interface Summary {
  refused: Record<Kind, Share>;
  /** Of the answerable questions that were answered: refused ones are counted above. */
  firstRight: Share;
  rightAmongThree: Share;
  wrongQuotes: number;
  citations: number;
  unsupportedSentences: Share;
}

export interface Share {
  count: number;
  of: number;
}

export function summarise(answers: readonly MeasuredAnswer[], half: LabelledQuestion['half']): Summary {
  const own = answers.filter((answer) => answer.half === half);
  const of = (kind: Kind) => own.filter((answer) => answer.kind === kind);
  const refusedOf = (kind: Kind) => shareOf(of(kind), ({ refused }) => refused);
  const answered = of('answerable').filter(({ refused }) => !refused);
  return {
    refused: {
      answerable: refusedOf('answerable'),
      'off-domain': refusedOf('off-domain'),
      'near-domain': refusedOf('near-domain'),
    },
    firstRight: shareOf(answered, ({ rightCitations }) => rightCitations[0] === true),
    rightAmongThree: shareOf(answered, ({ rightCitations }) => rightCitations.slice(0, 3).includes(true)),
    wrongQuotes: sum(own.map(({ wrongQuotes }) => wrongQuotes)),
    citations: sum(own.map(({ citations }) => citations)),
    unsupportedSentences: {
      count: sum(own.map(({ unsupported }) => unsupported)),
      of: sum(own.map(({ sentences }) => sentences)),
    },
  };
}

export function percent({ count, of }: Share): number {
  return of === 0 ? 0 : (100 * count) / of;
}

/** Of the half that nothing was tuned on. */
export function answerPromises(heldOut: Summary): Promised[] {
  const atLeast = (name: string, share: Share, bar: number) =>
    promised(name, percent(share), '%', `≥ ${bar}`, percent(share) >= bar);
  const answerable = percent(heldOut.refused.answerable);
  return [
    promised(
      'quotes that are not where their citation says',
      heldOut.wrongQuotes,
      'quotes',
      '= 0',
      heldOut.wrongQuotes === 0,
    ),
    atLeast('first citation from a right document', heldOut.firstRight, 85),
    atLeast('a right document among the first three citations', heldOut.rightAmongThree, 95),
    atLeast('refused: off-domain', heldOut.refused['off-domain'], 95),
    atLeast('refused: near-domain', heldOut.refused['near-domain'], 50),
    promised('refused: answerable', answerable, '%', '≤ 5', answerable <= 5),
  ];
}

function shareOf(answers: MeasuredAnswer[], holds: (answer: MeasuredAnswer) => boolean): Share {
  return { count: answers.filter(holds).length, of: answers.length };
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
