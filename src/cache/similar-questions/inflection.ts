import { IRREGULAR_PLURALS, IRREGULAR_VERBS, UNINFLECTED } from './english-words.ts';

const VOWEL = /[aeiouy]/;
const SIBILANT_PLURAL = /(?:s|x|z|ch|sh|o)es$/;
/** Shorter ones are words of their own: `station`, `version`, `edition`. */
const MIN_ION_LENGTH = 8;
const ACTION_NOUN = /(?:ion|ment)$/;

/**
 * What an English word may be a form of, itself first. Several, because `planing` may come from `plan` or `plane`; two
 * base forms never share any, so `plan` does not pass for `plane`.
 */
export function baseForms(word: string): string[] {
  const irregular = IRREGULAR_VERBS[word] ?? IRREGULAR_PLURALS[word];
  if (irregular !== undefined) return [...new Set([word, irregular])];
  if (UNINFLECTED.has(word) || word.length < 3) return [word];
  const singulars = withoutPlural(word);
  return [
    ...new Set(
      [word, ...singulars].flatMap((form) => [
        form,
        ...withoutEnding(form, 'ed'),
        ...withoutEnding(form, 'ing'),
        ...verbOfNoun(form),
        ...adjectiveOf(form),
      ]),
    ),
  ];
}

/** True when the two forms of one verb differ as `configured` does from `configure`, not merely as a plural. */
export function changesVoice(a: string, b: string): boolean {
  return hasLeftVerbPlace(a) !== hasLeftVerbPlace(b);
}

/** `charged`, `written`: what after `is` means that it is done to somebody. */
export function isPastParticiple(word: string): boolean {
  return (/[^aeiou]ed$|ied$|eed$/.test(word) && !UNINFLECTED.has(word)) || IRREGULAR_VERBS[word] !== undefined;
}

function hasLeftVerbPlace(word: string): boolean {
  return isPastParticiple(word) || ACTION_NOUN.test(word);
}

function withoutPlural(word: string): string[] {
  if (!word.endsWith('s') || /(?:ss|us|is|as)$/.test(word)) return [];
  if (word.endsWith('ies') && word.length > 4) return [`${word.slice(0, -3)}y`, word.slice(0, -1)];
  const singular = word.slice(0, -1);
  return SIBILANT_PLURAL.test(word) ? [singular, word.slice(0, -2)] : [singular];
}

function withoutEnding(word: string, ending: 'ed' | 'ing'): string[] {
  if (!word.endsWith(ending)) return [];
  const stem = word.slice(0, -ending.length);
  if (stem.length < 2 || !VOWEL.test(stem)) return [];
  const last = stem.at(-1) ?? '';
  const isDoubled = stem.length > 2 && last === stem.at(-2) && !VOWEL.test(last);
  return [
    stem,
    `${stem}e`,
    ...(isDoubled ? [stem.slice(0, -1)] : []),
    ...(last === 'i' ? [`${stem.slice(0, -1)}y`] : []),
  ];
}

/** `separate` of `separation`, `configure` of `configuration`, `deploy` of `deployment`. */
function verbOfNoun(word: string): string[] {
  if (UNINFLECTED.has(word)) return [];
  if (word.endsWith('ment') && word.length > 6) return [word.slice(0, -4)];
  if (!word.endsWith('ion') || word.length < MIN_ION_LENGTH) return [];
  const stem = word.slice(0, -3);
  if (!stem.endsWith('at')) return [stem, `${stem}e`];
  const shorter = stem.slice(0, -2);
  const isDoubled = shorter.at(-1) === shorter.at(-2);
  return [`${stem}e`, shorter, `${shorter}e`, ...(isDoubled ? [shorter.slice(0, -1)] : [])];
}

/** `safe` of `safely`, `automatic` of `automatically`, `temporary` of `temporarily`. */
function adjectiveOf(word: string): string[] {
  if (!word.endsWith('ly') || word.length < 5 || UNINFLECTED.has(word)) return [];
  const stem = word.slice(0, -2);
  if (stem.endsWith('i')) return [`${stem.slice(0, -1)}y`];
  return stem.endsWith('al') ? [stem, stem.slice(0, -2)] : [stem];
}
