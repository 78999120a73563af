import { FRAMES } from './english-frames.ts';
import { ENGLISH_AMONG_OTHERS, ENGLISH_ONLY, FOREIGN } from './english-words.ts';
import { kindsOf, type Person, personsOf } from './question-kinds.ts';
import { setSymbolsAside } from './question-symbols.ts';
import { arrangeTerms, type Term } from './question-terms.ts';
import { namesIn, setQuotesAside, tokenise } from './question-tokens.ts';

/** A question as the guards read it. */
export interface QuestionText {
  question: string;
  /** Words of other languages have no rules here: only the same words in the same order are the same question. */
  isEnglish: boolean;
  /** Every word and symbol, in order. */
  words: readonly string[];
  /** What has to have a counterpart, in order, `X of Y` as `Y X`. */
  terms: readonly Term[];
  /** What is asked for: `how`, `when`, `must` … */
  kinds: ReadonlySet<string>;
  /** Of whom, in order, each once in a row. */
  persons: readonly Person[];
}

/** Placeholders are for private use, and of no script. */
const NOT_LATIN = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}\p{Co}]/u;

/** Reads a normalised question once, for any number of comparisons. */
export function readQuestionText(question: string): QuestionText {
  const { text, said } = setSymbolsAside(setQuotesAside(question.replace(/[’‘ʼ]/g, "'")));
  const names = namesIn(text);
  const lower = text.toLowerCase();
  const words = tokenise(lower, said, names).flatMap(({ text, type }) => (type === 'punctuation' ? [] : [text]));
  const tokens = tokenise(unframe(lower), said, names);
  return {
    question,
    isEnglish: !NOT_LATIN.test(text) && soundsEnglish(words),
    words,
    terms: arrangeTerms(tokens),
    kinds: kindsOf(tokens),
    persons: personsOf(tokens),
  };
}

function soundsEnglish(words: readonly string[]): boolean {
  if (words.some((word) => ENGLISH_ONLY.has(word))) return true;
  const shared = new Set(words.filter((word) => ENGLISH_AMONG_OTHERS.has(word)));
  return shared.size >= 2 && !words.some((word) => FOREIGN.has(word));
}

function unframe(text: string): string {
  return FRAMES.reduce((framed, [phrase, kind]) => tidy(framed.replace(phrase, ` ${kind} `)), tidy(text));
}

function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
