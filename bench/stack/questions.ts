import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { splitSentences } from '../../src/query/sentences.ts';

const SENTENCE_WORDS = { min: 8, max: 30 };
/** Enough to read like somebody in a hurry; with more, what is left means too little to be found by meaning. */
const DROPPED_SHARE = 0.3;
const FEWEST_WORDS = 3;
/** How often each sentence is tried before the documents are too few for so many questions. */
const MAX_ROUNDS = 50;

/**
 * As many distinct questions, made from sentences of Markdown texts by leaving out words at random: they read like
 * keywords, and their passages stand in the documents. The same for the same seed; fewer when the texts give no more.
 */
export function makeQuestions(texts: readonly string[], count: number, seed: number): string[] {
  const random = createSeededRandom(seed, 'questions');
  const sentences = shuffle(texts.flatMap(wordsOfSentences), random);
  const questions = new Set<string>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const words of sentences) {
      if (questions.size >= count) return [...questions];
      const kept = words.filter(() => random() >= DROPPED_SHARE);
      if (kept.length >= FEWEST_WORDS) questions.add(kept.join(' '));
    }
  }
  return [...questions];
}

function wordsOfSentences(text: string): string[][] {
  return splitSentences(text)
    .filter(({ isProse }) => isProse)
    .map((sentence) => wordsOf(sentence.text))
    .filter((words) => words.length >= SENTENCE_WORDS.min && words.length <= SENTENCE_WORDS.max);
}

/** Without the marks of Markdown and the punctuation around words; that within them stays: `c.req.param`. */
function wordsOf(sentence: string): string[] {
  return sentence
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split(/\s+/)
    .map((word) => word.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '');
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
