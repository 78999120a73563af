import type { Passage } from '../../src/query/answer.ts';
import { composeExtractiveAnswer } from '../../src/query/extractive-answer.ts';
import { type Promised, promised } from '../report.ts';

const RUNS = 50;
const WARM_UP = 10;
const PASSAGES = 8;
const CHARACTERS = 4_000;
const QUESTION = 'How do I limit the size of a request body, and what is answered when it is larger?';
const SENTENCE =
  'The body limit middleware of number # rejects requests that are larger than `maxSize`, which is 100 * 1024 bytes. ';

/** The processor time of an extractive answer from as many and as long passages as a question gets by default. */
export function measureExtraction(): { promise: Promised; medianMs: number } {
  const passages = Array.from({ length: PASSAGES }, (_, index) => passageOf(index + 1));
  const times = Array.from({ length: RUNS + WARM_UP }, () => {
    const before = process.cpuUsage();
    composeExtractiveAnswer(QUESTION, passages);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  })
    .slice(WARM_UP)
    .sort((a, b) => a - b);
  const medianMs = times[RUNS / 2] ?? 0;
  return {
    medianMs,
    promise: promised('processor time of an extractive answer', medianMs, 'ms', '< 10', medianMs < 10),
  };
}

function passageOf(n: number): Passage {
  const text = Array.from({ length: 60 }, (_, index) => SENTENCE.replace('#', String(index * n)))
    .join('')
    .slice(0, CHARACTERS);
  return {
    ...{
      n,
      chunkId: `chunk-${n}`,
      documentId: `document-${n}.md`,
      title: 'Guide',
      url: null,
      headings: ['Limits'],
      text,
    },
    ...{ start: 0, end: text.length, metadata: {}, score: 1 / n, ranks: { vector: n, lexical: n }, similarity: 1 / n },
  };
}
