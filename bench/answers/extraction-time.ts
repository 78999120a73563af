import type { Passage } from '../../src/query/answer.ts';
import { composeExtractiveAnswer } from '../../src/query/extractive-answer.ts';
import { type Promised, promised } from '../report.ts';

const RUNS = 50;
const WARM_UP = 10;
const QUESTION = 'How do I limit the size of a request body, and what is answered when it is larger?';
const SENTENCE =
  'The body limit middleware of number # rejects requests that are larger than `maxSize`, which is 100 * 1024 bytes. ';
const HEADING = 'Limits of requests, bodies, headers, uploads, queues and documents, with their names and defaults';

interface Shape {
  name: string;
  question: string;
  passages: Passage[];
}

/** The first is what a question gets by default, at its longest; the others have much to do in as much text. */
function shapes(): Shape[] {
  return [
    { name: 'long passages', question: QUESTION, passages: passagesOf(8, 4_000, SENTENCE, ['Limits']) },
    {
      name: 'tiny sentences under long headings',
      question: QUESTION,
      passages: passagesOf(8, 4_000, 'Body # is large. ', [HEADING, HEADING, HEADING]),
    },
    {
      name: 'many passages and a long question',
      question: SENTENCE.repeat(20).slice(0, 2_000),
      passages: passagesOf(100, 320, SENTENCE, ['Limits']),
    },
  ];
}

/** The processor time of an extractive answer, of the shape that takes longest. */
export function measureExtraction(): { promise: Promised; medianMs: number } {
  const measured = shapes().map((shape) => ({ name: shape.name, medianMs: medianOf(shape) }));
  const longest = measured.reduce((one, other) => (other.medianMs > one.medianMs ? other : one));
  const { name, medianMs } = longest;
  const title = `processor time of an extractive answer (longest: ${name})`;
  return { medianMs, promise: promised(title, medianMs, 'ms', '< 10', medianMs < 10) };
}

function medianOf({ question, passages }: Shape): number {
  const times = Array.from({ length: RUNS + WARM_UP }, () => {
    const before = process.cpuUsage();
    composeExtractiveAnswer(question, passages);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  })
    .slice(WARM_UP)
    .sort((a, b) => a - b);
  return times[RUNS / 2] ?? 0;
}

function passagesOf(count: number, characters: number, sentence: string, headings: string[]): Passage[] {
  const sentences = Math.ceil(characters / sentence.length) + 1;
  return Array.from({ length: count }, (_, index) => {
    const n = index + 1;
    const text = Array.from({ length: sentences }, (_, at) => sentence.replace('#', String(at * n)))
      .join('')
      .slice(0, characters);
    const place = {
      n,
      chunkId: `chunk-${n}`,
      documentId: `document-${n}.md`,
      title: 'Guide',
      url: null,
      headings,
      text,
    };
    const found = { score: 1 / n, ranks: { vector: n, lexical: n }, similarity: 1 / n };
    return { ...place, ...found, start: 0, end: text.length, metadata: {} };
  });
}
