// Words that say nothing about which sentence answers a question.
const STOP_WORDS = new Set(
  (
    'a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my no ' +
    'not of on or our shall should so that the their them there these they this to was we were what when where which ' +
    'who whom why will with would you your'
  ).split(' '),
);

// Scripts written without spaces: a run of letters is a clause there, so pairs of characters stand for words.
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** The words of a text that carry meaning, in order, in a rough common form: good enough to compare two texts. */
export function contentWords(text: string): string[] {
  return allWords(text).flatMap(meaningOf);
}

/** Each of them once: of a long text, much sooner. */
export function distinctContentWords(text: string): ReadonlySet<string> {
  return new Set([...new Set(allWords(text))].flatMap(meaningOf));
}

/** The parts of names in code as words of their own. */
export function apart(text: string): string {
  return text.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ');
}

function allWords(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? []
  );
}

function meaningOf(word: string): string[] {
  if (UNSPACED.test(word)) return pairsOf(word);
  return STOP_WORDS.has(word) ? [] : [stem(word)];
}

function pairsOf(word: string): string[] {
  const characters = [...word];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

function stem(word: string): string {
  if (word.length < 5) return word.replace(/(?<=[a-z]{2})s$/, '');
  return word
    .replace(/(?:ing|ed|es|s)$/, '')
    .replace(/(.)\1$/, '$1')
    .replace(/e$/, '')
    .replace(/(?<=..)i$/, 'y');
}
