// Of scripts with spaces, whole words. `\b` knows the letters of English alone.
const WORDS = [
  'not|no(?!\\.\\s?\\d)|never|none|neither|nor|without|cannot|nothing|nobody',
  'nicht|nie|niemals|kein(?:e[mnrs]?|erlei)?|ohne|niet|geen|nooit|zonder',
  'pas|jamais|sans|aucune?|non|senza|sin|não|sem|не|нет|без',
  '[وف]?(?:لا|ليست?|ليسوا|لم|لن|غير|بلا|بدون|دون)',
];
// Of others, characters, but for the words in which they deny nothing.
const CHARACTERS = [
  '(?<!差)不(?![同过過断斷仅僅但管论論少久妨止停])|(?<![沉淹埋出])[没沒]|未(?![来來满満])|[无無][法需须須]|[并並绝絕]非|勿',
  '(?<!なければなり|なくてはなり)ません|(?<!少|危|なければなら|なくてはなら)ない|なかった|않|없|못[하해]',
];
const NEGATION = new RegExp(`n[’']t(?!\\p{L})|${asWord(WORDS.join('|'))}|${CHARACTERS.join('|')}`, 'giu');
// Beside the first kind, the second denies nothing more: "no … nunca".
const VERB_NEGATION = new RegExp(asWord('no|não'), 'iu');
const AGREEING = new RegExp(asWord('nunca|jamás|ning[uú]n[ao]?s?|nenhum(?:as?|ns)?'), 'giu');

/** Twice is not at all. */
export function isNegated(text: string): boolean {
  const agreeing = VERB_NEGATION.test(text) ? 0 : (text.match(AGREEING)?.length ?? 0);
  return ((text.match(NEGATION)?.length ?? 0) + agreeing) % 2 === 1;
}

export function withoutNegation(text: string): string {
  return text.replace(NEGATION, ' ').replace(AGREEING, ' ');
}

function asWord(pattern: string): string {
  return `(?<![\\p{L}\\p{N}\\p{M}_])(?:${pattern})(?![\\p{L}\\p{N}\\p{M}_])`;
}
