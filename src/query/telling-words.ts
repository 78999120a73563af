import { COMMON_WORDS } from './common-words.ts';
import { EVERYDAY_WORDS } from './everyday-words.ts';
import { languageOf } from './language.ts';
import { apart, contentWords } from './words.ts';

/** The words of a question that tell what it is about. */
export interface TellingWords {
  /** Names, with what they are made of. */
  names: Map<string, string[]>;
  /** Those that are no everyday words. */
  others: string[];
  /** Of all that is asked, everyday words included. */
  count: number;
}

// With fewer words of its own a question is only understood from what was said before it.
const LEAST_ASKED = 2;
const SHORTEST_WORD = 2;
const LONGEST_NAME = 100;
const COMMON = new Set(COMMON_WORDS.flatMap(inflected).flatMap(contentWords));
export const EVERYDAY: ReadonlySet<string> = new Set([...COMMON, ...EVERYDAY_WORDS.flatMap(contentWords)]);

// "e.g. this" goes on in lower case.
const SENTENCE_END = /(?<=[.!?])\s+(?!\p{Ll})|(?<=[。！？])/u;
const SENTENCE_ENDED = /[.!:?]["'”’)\]]*$/;
const QUESTION_MARK = /[?？]["'”’)\]]*$/;
const EDGES = /^[\p{P}\p{S}]+|[\p{P}\p{S}]+$/gu;
// I've, they're: no words of their own
const CONTRACTION = /['’](?:ve|re|ll)\b/gi;
// Numbers, units and abbreviations: passages write them in other ways.
const MEASURES = [/^[\d.,]+\p{L}?$/u, /^(?:i\.e|e\.g|z\.b|etc|vs)$/i, /^[\d.,]*(?:[kKMGT]i?B|[kMG]?bit|[kMG]?Hz|ms)$/];
// webAuthn, PM2, Fly.io
const WRITTEN_AS_NAME = /\p{Ll}\p{Lu}|\d|[\p{L}\p{N}][._@][\p{L}\p{N}]/u;
// SAML
const IN_CAPITALS = /\p{Lu}{2}/u;
const CAPITALISED = /^\p{Lu}./u;
const LOWER_CASE = /^\p{Ll}/u;

/** Of what is asked alone, where it can be told from greetings and stories around it. */
export function askedWords(text: string): TellingWords {
  const asked = text.split(SENTENCE_END).filter((sentence) => QUESTION_MARK.test(sentence));
  const { ownWords, ...words } = tellingWords(asked.join(' '));
  if (ownWords >= LEAST_ASKED) return words;
  const { ownWords: _, ...all } = tellingWords(text);
  return all;
}

function tellingWords(written: string): TellingWords & { ownWords: number } {
  const text = written.replace(CONTRACTION, '');
  const tokens = text.split(/\s+/).map((token) => ({ token, core: token.slice(0, LONGEST_NAME).replace(EDGES, '') }));
  const capitalised = tokens.filter(({ core }) => CAPITALISED.test(core)).length;
  const isTitle = capitalised > tokens.filter(({ core }) => LOWER_CASE.test(core)).length;
  // German nouns look like names, and so does every word of a title.
  const hasCapitals = languageOf(text) !== 'de' && !isTitle;
  const isShouted = !/\p{Ll}/u.test(text);
  const names = new Map<string, string[]>();
  const others = new Set<string>();
  let startsSentence = true;
  for (const { token, core } of tokens) {
    const words = contentWords(token).filter((word) => word.length >= SHORTEST_WORD);
    const isWritten = WRITTEN_AS_NAME.test(core) || (!isShouted && IN_CAPITALS.test(core));
    const isEmphasis = words.length === 1 && words.every((word) => COMMON.has(word));
    const isName = isWritten ? !isMeasure(core) : hasCapitals && !startsSentence && CAPITALISED.test(core);
    if (isName && !isEmphasis) {
      const parts = contentWords(apart(core)).filter((word) => word.length >= SHORTEST_WORD);
      for (const word of words) names.set(word, words.length === 1 ? parts : [word]);
    } else if (!isMeasure(core)) {
      for (const word of words) if (!COMMON.has(word)) others.add(word);
    }
    startsSentence = SENTENCE_ENDED.test(token);
  }
  const unnamed = [...others].filter((word) => !names.has(word));
  return {
    names,
    others: unnamed.filter((word) => !EVERYDAY.has(word)),
    count: new Set(contentWords(text)).size,
    ownWords: names.size + unnamed.length,
  };
}

function isMeasure(core: string): boolean {
  return MEASURES.some((pattern) => pattern.test(core));
}

/** An English word as it may stand in a question. */
function inflected(word: string): string[] {
  const stem = word.replace(/e$/, '');
  return [word, `${word}s`, `${word}es`, `${stem}ed`, `${stem}ing`];
}
