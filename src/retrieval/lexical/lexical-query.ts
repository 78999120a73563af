// More words cost more and say little.
const MAX_WORDS = 64;
const MAX_SUBSTRINGS = 32;
const MAX_LENGTH = 64;
const TRIGRAM_LENGTH = 3;

// Scripts written without spaces, and Hangul, whose words carry their particles: a run is searched by its characters.
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const UNSPACED_RUN = new RegExp(`[${UNSPACED}][${UNSPACED}\\p{M}ー]*`, 'gu');
const NAME = /[\p{L}\p{N}_$]+(?:[._$:/@#-]+[\p{L}\p{N}_$]+)*/gu;
// `c.req.param`, `max_size`, `X-Request-Id`; `bodyLimit`; `TS2345`. Not `two-dimensional`: measured, it does harm.
const CODE_LIKE = /[\p{L}\p{N}][._$:/@#]+[\p{L}\p{N}]|-[\p{Lu}\p{N}]|\p{Ll}\p{Lu}|\p{L}\p{N}|\p{N}\p{L}/u;
// What is shorter is an abbreviation.
const MIN_NAME_LENGTH = 4;

export interface LexicalQuery {
  /** Its words, repeated as they were: what is said twice is meant twice. */
  words: string[];
  /** Of at least three characters each: codes and names as they stand, and every three characters of unspaced text. */
  substrings: string[];
  /** One or two characters of unspaced text, when there is nothing longer: too short for the trigram index. */
  fragments: string[];
}

/** What to look for in the lexical index. Words hold letters, digits and marks only; nothing holds a quotation mark. */
export function readLexicalQuery(question: string): LexicalQuery {
  const text = question.normalize('NFKC');
  const words = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? [];
  const runs = text.match(UNSPACED_RUN) ?? [];
  const names = (text.match(NAME) ?? []).filter((name) => name.length >= MIN_NAME_LENGTH && CODE_LIKE.test(name));
  const substrings = [...names.map(shorten), ...runs.flatMap(trigrams)];
  return {
    words: words.slice(0, MAX_WORDS).map(shorten),
    substrings: [...new Set(substrings)].slice(0, MAX_SUBSTRINGS),
    fragments: runs.some(isLong) ? [] : [...new Set(runs)].slice(0, MAX_SUBSTRINGS),
  };
}

function trigrams(run: string): string[] {
  const characters = [...run];
  return characters.slice(TRIGRAM_LENGTH - 1).map((_, at) => characters.slice(at, at + TRIGRAM_LENGTH).join(''));
}

function isLong(text: string): boolean {
  return [...text].length >= TRIGRAM_LENGTH;
}

function shorten(text: string): string {
  return [...text].slice(0, MAX_LENGTH).join('');
}
