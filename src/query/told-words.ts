import type { Passage } from './answer.ts';
import { apart, distinctContentWords } from './words.ts';

/** The words of passages, those of their places in the documents and the parts of names in code included. */
export interface ToldWords {
  /** Long words also by their beginning: a requester and a request are the same. */
  has(word: string): boolean;
  /** `bodyLimit` also where one passage speaks of the limit of the body. */
  hasName(name: string, parts: readonly string[]): boolean;
  /** Whether one of them, or one of `others`, is the word but for a slip of the pen. */
  hasSpelling(word: string, others: ReadonlySet<string>): boolean;
}

// Of shorter words too many are near others.
const SHORTEST_MISSPELT = 5;
const SHORTEST_INFLECTED = 6;
const SHORTEST_BEGINNING = 5;
const LONGEST_ENDING = 4;

export function readToldWords(passages: readonly Passage[]): ToldWords {
  const texts = passages.map(wordsOf);
  const all = new Set(texts.flatMap((words) => [...words]));
  return {
    has: (word) => has(all, word),
    hasName: (name, parts) =>
      has(all, name) || (parts.length > 1 && texts.some((words) => parts.every((part) => has(words, part)))),
    hasSpelling: (word, others) => [all, others].some((words) => hasSpelling(words, word)),
  };
}

function wordsOf({ title, headings, documentId, text }: Passage): ReadonlySet<string> {
  const whole = [title ?? '', ...headings, documentId, text].join('\n');
  return distinctContentWords(`${whole}\n${apart(whole)}`);
}

function has(words: ReadonlySet<string>, word: string): boolean {
  if (words.has(word)) return true;
  if (word.length < SHORTEST_INFLECTED) return false;
  const beginning = word.slice(0, Math.max(SHORTEST_BEGINNING, word.length - 2));
  for (const other of words) {
    if (other.startsWith(beginning) && Math.abs(other.length - word.length) <= LONGEST_ENDING) return true;
  }
  return false;
}

function hasSpelling(words: ReadonlySet<string>, word: string): boolean {
  if (word.length < SHORTEST_MISSPELT) return false;
  for (const other of words) if (other.length >= SHORTEST_MISSPELT && isOneSlipAway(word, other)) return true;
  return false;
}

/** A letter too many, too few, another one, or two in the wrong order; the first is hardly ever wrong. */
function isOneSlipAway(one: string, other: string): boolean {
  if (one[0] !== other[0] || Math.abs(one.length - other.length) > 1) return false;
  const shorter = Math.min(one.length, other.length);
  let from = 1;
  while (from < shorter && one[from] === other[from]) from += 1;
  let same = 0;
  while (same < shorter - from && one[one.length - 1 - same] === other[other.length - 1 - same]) same += 1;
  const [left, right] = [one, other].map((word) => word.slice(from, word.length - same));
  if (left === undefined || right === undefined) return false;
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
