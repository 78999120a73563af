import { NUMBER_WORDS } from './english-words.ts';
import { wordTable } from './word-table.ts';

export interface Token {
  /** Lower case; numbers in digits, units by one name. */
  text: string;
  type: 'word' | 'name' | 'number' | 'punctuation';
}

const QUOTED = /`([^`]+)`|"([^"]+)"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|(?<=^|\s)'([^']+)'(?=$|[\s?.,!;:])/g;
/** Of the private use area, which nobody types. */
const ASIDE = '\u{e000}';
/** A number with its sign or currency, or a word; what code's punctuation joins is one. */
export const WORD = String.raw`(?:(?<![\p{L}\p{N}])[-+−$€£¥])?\d+(?:[.,]\d+)*(?![\p{L}\p{N}])|[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*(?:[._$:/@#+-]+[\p{L}\p{M}\p{N}_]+)*(?:\(\)|\+\+|#)?`;
/** `?how` and the like are what frames were replaced by. */
const TOKEN = new RegExp(String.raw`\?\p{Ll}+|${ASIDE}\d+|${WORD}|[,;.?!]`, 'gu');
const CODE_LIKE = /[._$:/@#+](?=\S)|\p{Ll}\p{Lu}|_|\p{Lu}{2}|\(\)$|#$/u;
const LETTERS_AND_DIGITS = /\p{L}\p{N}|\p{N}\p{L}/u;
const NUMBER = /^[-+−]?\d+(?:[.,]\d+)*(?:st|nd|rd|th)?$/;
const NUMBER_WITH_UNIT = /^(\d+(?:[.,]\d+)*)(ms|s|sec|min|h|hr|d|mg|ml|g|kg|km|cm|mm|px|kb|mb|gb|tb|kib|mib|gib|x)$/;
const MONEY = /^[$€£¥]\d/;
const SYMBOL_OF_UNIT = /^[$€£¥%]$/;
const VERSION = /^v(\d+(?:\.\d+)*)$/;
const GROUPED_THOUSANDS = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const UNITS = wordTable({
  $: 'dollar',
  '€': 'euro',
  '£': 'pound',
  '¥': 'yen',
  '%': 'percent',
  s: 'second',
  sec: 'second',
  min: 'minute',
  h: 'hour',
  hr: 'hour',
  d: 'day',
  kilobyte: 'kb',
  megabyte: 'mb',
  gigabyte: 'gb',
  terabyte: 'tb',
  millisecond: 'ms',
});

/** A text with placeholders for some of what it says. */
export interface SetAside {
  text: string;
  /** What the placeholders stand for, in lower case. */
  said: readonly string[];
}

export function placeholder(index: number): string {
  return ` ${ASIDE}${index} `;
}

/** Replaces each quotation and span of code by a placeholder. */
export function setQuotesAside(text: string): SetAside {
  const said: string[] = [];
  const unquoted = text.replaceAll(ASIDE, '').replace(QUOTED, (...match: (string | undefined)[]) => {
    const content = match.slice(1, 7).find((group) => typeof group === 'string') ?? '';
    return placeholder(said.push(content.trim().toLowerCase().replace(/\(\)$/, '')) - 1);
  });
  return { text: unquoted, said };
}

/** What is written as a name or as code, in lower case: capitals anywhere but at the beginning of a sentence. */
export function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  let beginsSentence = true;
  for (const [token] of text.matchAll(TOKEN)) {
    const isCapitalised = /^\p{Lu}/u.test(token) && token !== 'I' && !beginsSentence;
    if (isCapitalised || CODE_LIKE.test(token)) names.add(token.toLowerCase());
    beginsSentence = /[.?!]/.test(token.at(-1) ?? '');
  }
  return names;
}

/** The tokens of a text in lower case. */
export function tokenise(text: string, said: readonly string[], names: ReadonlySet<string>): Token[] {
  return [...text.matchAll(TOKEN)].flatMap(([token]) => {
    if (token.startsWith(ASIDE)) return [saidToken(said[Number(token.slice(ASIDE.length))] ?? token)];
    if (token.startsWith('?') && token.length > 1) return [{ text: token, type: 'word' as const }];
    if (/^[,;.?!]$/.test(token)) return [{ text: token, type: 'punctuation' as const }];
    if (names.has(token) || NUMBER.test(token) || MONEY.test(token)) return nameTokens(token);
    return token.split('-').flatMap(wordTokens);
  });
}

/** `20 €` is `€20`. */
function saidToken(text: string): Token {
  const unit = SYMBOL_OF_UNIT.test(text) ? UNITS[text] : undefined;
  return unit === undefined ? { text, type: 'name' } : { text: unit, type: 'word' };
}

function nameTokens(token: string): Token[] {
  const currency = UNITS[token.charAt(0)];
  if (MONEY.test(token) && currency !== undefined) {
    return [...nameTokens(token.slice(1)), { text: currency, type: 'word' }];
  }
  if (NUMBER.test(token)) return [{ text: numberOf(token), type: 'number' }];
  const version = VERSION.exec(token)?.[1];
  if (version !== undefined) return [{ text: version, type: 'number' }];
  const [, amount, unit] = NUMBER_WITH_UNIT.exec(token) ?? [];
  if (amount !== undefined && unit !== undefined) return numberWithUnit(amount, unit);
  return [{ text: token.replace(/\(\)$/, ''), type: 'name' }];
}

function wordTokens(token: string): Token[] {
  if (token === '') return [];
  if (/^\p{N}/u.test(token) || LETTERS_AND_DIGITS.test(token)) return nameTokens(token);
  const number = NUMBER_WORDS[token];
  if (number !== undefined) return [{ text: number, type: 'number' }];
  return [{ text: UNITS[token.replace(/(?<=..)s$/, '')] ?? token, type: 'word' }];
}

function numberWithUnit(amount: string, unit: string): Token[] {
  return [
    { text: numberOf(amount), type: 'number' },
    { text: UNITS[unit] ?? unit, type: 'word' },
  ];
}

function numberOf(token: string): string {
  return GROUPED_THOUSANDS.test(token) ? token.replaceAll(',', '') : token;
}
