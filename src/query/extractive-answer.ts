import { partition } from '../partition.ts';
import type { Passage } from './answer.ts';
import type { CitedText } from './citations.ts';
import { evidenceOfDocuments, type ReadPassage } from './rank-documents.ts';
import { type Sentence, splitSentences } from './sentences.ts';
import { cite } from './supporting-quote.ts';
import { apart, contentWords } from './words.ts';

const MAX_SENTENCES = 3;
const MAX_CHARACTERS = 900;
// One or two words, such as a link's text, may be the right ones and still say nothing.
const MIN_WORDS = 3;
// A document's own footnote would pass for a citation.
const OWN_MARKER = /\[\d{1,3}\]/;
// How much less of the question than the first another document may say; a logarithm.
const MAX_SHORTFALL = 3;
// How much better than the best sentence of the passage before one of the next passage has to be.
const RANK_DISCOUNT = 0.8;
// How much of a sentence's score its passage's nearness in meaning decides.
const SIMILARITY_SHARE = 0.3;
// It has to be there within milliseconds, also when a hundred long passages were asked for.
const MOST_CHARACTERS_READ = 32_000;

interface Candidate {
  passage: Passage;
  sentence: Sentence;
  score: number;
}

/**
 * The sentences that share most with the question, they and the headings they stand under, of passages that are near to it
 * in meaning: verbatim, one of each document before a second one, those that say most of the question first, each with its
 * citation. The same for the same input.
 */
export function composeExtractiveAnswer(question: string, passages: readonly Passage[]): CitedText {
  const read = firstOf(passages);
  const nearness = nearnessOf(read);
  const candidates = read.flatMap((passage) => {
    const about = new Set(wordsOf([passage.title ?? '', ...passage.headings].join('\n')));
    return splitSentences(passage.text).map((sentence) => ({
      passage,
      sentence,
      about,
      words: wordsOf(sentence.text),
    }));
  });
  const wanted = wordsOf(question);
  const weights = weigh(
    wanted,
    candidates.map(({ words }) => new Set(words)),
  );
  const evidence = evidenceOfDocuments(wordsOfPassages(candidates), wanted);
  const ranked: Candidate[] = candidates
    .filter(({ sentence, words }) => sentence.isProse && words.length >= MIN_WORDS && !OWN_MARKER.test(sentence.text))
    .map(({ passage, sentence, words, about }) => ({
      passage,
      sentence,
      score: RANK_DISCOUNT ** (passage.n - 1) * nearness(passage) * scoreOf(words, about, weights),
    }))
    // The sort is stable: among equals the better passage, then the earlier sentence.
    .sort((a, b) => b.score - a.score);
  const chosen = choose(ranked, evidence);
  if (chosen.length === 0) return firstWords(read);
  return {
    text: chosen.map(({ passage, sentence }) => `${sentence.text} [${passage.n}]`).join('\n\n'),
    citations: chosen.map(({ passage, sentence }) => cite(passage, sentence)),
  };
}

function firstOf(passages: readonly Passage[]): Passage[] {
  const read: Passage[] = [];
  let characters = 0;
  for (const passage of passages) {
    characters += passage.text.length;
    if (characters > MOST_CHARACTERS_READ && read.length > 0) break;
    read.push(passage);
  }
  return read;
}

/** From 1 for the nearest passage down; what was found by its words alone is as near as the farthest. */
function nearnessOf(passages: readonly Passage[]): (passage: Passage) => number {
  const known = passages.flatMap(({ similarity }) => (similarity !== null && similarity > 0 ? [similarity] : []));
  const [nearest, farthest] = [Math.max(...known), Math.min(...known)];
  return ({ similarity }) => {
    if (known.length === 0) return 1;
    return 1 - SIMILARITY_SHARE + (SIMILARITY_SHARE * Math.max(similarity ?? farthest, 0)) / nearest;
  };
}

/** Rare words of the question say most about where its answer is. */
function weigh(question: string[], sentences: Set<string>[]): Map<string, number> {
  return new Map(
    question.map((word) => {
      const holding = sentences.filter((sentence) => sentence.has(word)).length;
      return [word, Math.log(1 + sentences.length / (1 + holding))];
    }),
  );
}

// Long sentences hold more words by chance; the root of the length takes that back, and no more.
function scoreOf(words: string[], about: ReadonlySet<string>, weights: Map<string, number>): number {
  const distinct = new Set(words);
  let sum = 0;
  for (const [word, weight] of weights) if (distinct.has(word) || about.has(word)) sum += weight;
  return sum / Math.sqrt(8 + distinct.size);
}

function choose(ranked: Candidate[], evidence: ReadonlyMap<string, number>): Candidate[] {
  const chosen: Candidate[] = [];
  const seen = new Set<string>();
  let characters = 0;
  for (const candidate of inOrder(ranked, evidence)) {
    if (chosen.length === MAX_SENTENCES) break;
    const { text } = candidate.sentence;
    // Overlapping chunks hold the same sentence twice.
    if (seen.has(text) || (chosen.length > 0 && characters + text.length > MAX_CHARACTERS)) continue;
    seen.add(text);
    characters += text.length;
    chosen.push(candidate);
  }
  return chosen;
}

/** What one document says may be beside the point: another one's best sentence tells more than its own second. */
function inOrder(ranked: Candidate[], evidence: ReadonlyMap<string, number>): Candidate[] {
  const evidenceFor = ({ passage }: Candidate) => evidence.get(passage.documentId) ?? Number.NEGATIVE_INFINITY;
  const telling = ranked.filter(({ score }) => score > 0);
  const most = Math.max(...new Set(telling.map(evidenceFor)));
  const fitting = telling.filter((candidate) => evidenceFor(candidate) >= most - MAX_SHORTFALL);
  const best = fitting[0];
  if (best === undefined) return ranked.slice(0, 1);
  const first = new Map(fitting.toReversed().map((candidate) => [candidate.passage.documentId, candidate]));
  const [leading, others] = partition(fitting, (candidate) => first.get(candidate.passage.documentId) === candidate);
  return [
    ...leading.sort((a, b) => evidenceFor(b) - evidenceFor(a)),
    ...others.filter(({ score }) => score >= best.score / 2),
  ];
}

function wordsOfPassages(
  candidates: readonly { passage: Passage; about: ReadonlySet<string>; words: string[] }[],
): ReadPassage[] {
  return [...Map.groupBy(candidates, ({ passage }) => passage)].map(([passage, own]) => {
    const words = new Set(own[0]?.about);
    for (const sentence of own) for (const word of sentence.words) words.add(word);
    return { passage, words };
  });
}

function wordsOf(text: string): string[] {
  const parts = apart(text);
  return parts === text ? contentWords(text) : [...contentWords(text), ...contentWords(parts)];
}

/** Passages without one proper sentence, such as pure code: the beginning of the best one that shows anything. */
function firstWords(passages: readonly Passage[]): CitedText {
  for (const passage of passages) {
    const sentence = splitSentences(passage.text).find(({ isHidden }) => !isHidden);
    if (sentence === undefined) continue;
    return { text: `${sentence.text} [${passage.n}]`, citations: [cite(passage, sentence)] };
  }
  return { text: '', citations: [] };
}
