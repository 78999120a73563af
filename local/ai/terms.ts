const STOPWORDS = new Set(
  (
    'a about all also am an and any are as at be because been but by can could did do does for from get got had has have how ' +
    'i if in into is it its me my no not of on or our please should so some tell than that the their them then there these ' +
    'they this those to us use used using want was we were what when where which who why will with would you your'
  ).split(' '),
);
const MIN_STEM_LENGTH = 3;

/** The words that carry meaning, folded so that `limits`, `limited` and `limiting` meet; of names in code the parts too. */
export function termsOf(text: string): string[] {
  const apart = text.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ');
  const texts = apart === text ? [text] : [text, apart];
  return texts.flatMap(contentWordsOf).map(({ term }) => term);
}

/** The same, beside the words as they stand in the text. */
export function contentWordsOf(text: string): { word: string; term: string }[] {
  const words = text.normalize('NFKC').match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words
    .map((word) => ({ word, folded: word.toLowerCase() }))
    .filter(({ folded }) => !STOPWORDS.has(folded))
    .map(({ word, folded }) => ({ word, term: stem(folded) }));
}

function stem(word: string): string {
  let stemmed = word.replace(/ies$/, 'y');
  for (const suffix of ['ing', 'ed', 'es', 's', 'ly', 'e']) {
    if (!stemmed.endsWith(suffix) || stemmed.endsWith('ss')) continue;
    if (stemmed.length - suffix.length < MIN_STEM_LENGTH) continue;
    stemmed = stemmed.slice(0, -suffix.length);
    break;
  }
  return stemmed.replace(/([bdgmnprt])\1$/, '$1');
}

/** How much a term tells the given texts apart: rare terms weigh more, terms in none of them most. */
export function termWeights(texts: readonly ReadonlySet<string>[]): (term: string) => number {
  const counts = new Map<string, number>();
  for (const terms of texts) for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return (term) => Math.log(1 + texts.length / ((counts.get(term) ?? 0) + 0.5));
}
