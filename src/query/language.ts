import { OTHER_SMALL_WORDS, SMALL_WORDS } from './small-words.ts';

/** Of a text, as far as its letters and its small words tell. */
export type Language = 'en' | 'de' | 'fr' | 'es' | 'it' | 'pt' | 'nl' | 'ja' | 'zh' | 'ko' | 'ru' | 'ar';

// In this order where as many words speak for several; English is compared with the best of them.
const RIVALS = (['de', 'fr', 'es', 'it', 'pt', 'nl'] as const).map((language) => ({
  language,
  words: wordSet(SMALL_WORDS[language]),
}));
const OTHERS = Object.values(OTHER_SMALL_WORDS).map((words) => ({ language: null, words: wordSet(words) }));
const NOT_ENGLISH = [...RIVALS, ...OTHERS];
const ENGLISH = wordSet(SMALL_WORDS.en);

// Kana before Han: Japanese has both.
const SCRIPTS: readonly (readonly [Language, RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['ru', /\p{Script=Cyrillic}/gu],
];
const LETTER = /\p{L}/gu;
// A question about `fetch` is in Japanese when it asks in Japanese; its names are Latin.
const SHARE_OF_SCRIPT = 0.2;

// What follows a dot at once, as in example.com, or touches a digit, as in e2e, is no word of a sentence.
// Only Spanish opens a question with a mark.
const WORD = /(?<![.\p{L}\p{N}])\p{L}+(?![\p{L}\p{N}])|[¿¡]/gu;
// DI and ES modules are no Italian and no German.
const ACRONYM = /^\p{Lu}{2,}$/u;
const LOWER_CASE = /\p{Ll}/u;
const BEYOND_ASCII = /[^\p{ASCII}]/u;
/** English as well, though written with the letters of other languages. */
const BORROWED = wordSet('café cafés naïve naïvely résumé résumés façade façades cliché clichés déjà');

/**
 * `null` when nothing tells, or nothing tells English from another language. Of languages that share a script, only
 * some can be told apart; Ukrainian is taken for Russian, and Persian for Arabic.
 */
export function languageOf(text: string): Language | null {
  const letters = text.match(LETTER)?.length ?? 0;
  for (const [language, script] of SCRIPTS) {
    if ((text.match(script)?.length ?? 0) > letters * SHARE_OF_SCRIPT) return language;
  }
  const words = wordsOf(text);
  let best: Language | null = null;
  let most = 0;
  for (const { language, words: small } of NOT_ENGLISH) {
    const count = countOf(words, small);
    if (count > most) [best, most] = [language, count];
  }
  const english = countOf(words, ENGLISH);
  if (english < most) return best;
  return english > most || (english > 0 && !words.some(isForeign)) ? 'en' : null;
}

/** Whether a text is in English, or nothing speaks against it: no letter and no small word that English has not. */
export function mayBeEnglish(text: string): boolean {
  const language = languageOf(text);
  if (language !== null) return language === 'en';
  return wordsOf(text).every((word) => !isForeign(word));
}

function isForeign(word: string): boolean {
  if (BEYOND_ASCII.test(word)) return !BORROWED.has(word);
  // x and y are names.
  if (word.length === 1) return false;
  return !ENGLISH.has(word) && NOT_ENGLISH.some(({ words }) => words.has(word));
}

function wordsOf(text: string): string[] {
  const words = text.normalize('NFC').match(WORD) ?? [];
  const isShouted = !LOWER_CASE.test(text);
  return words.filter((word) => isShouted || !ACRONYM.test(word)).map((word) => word.toLowerCase());
}

function countOf(words: readonly string[], small: ReadonlySet<string>): number {
  return words.filter((word) => small.has(word)).length;
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}
