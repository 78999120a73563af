import { NUMBER_WORDS } from './english-words.ts';
import { wordTable } from './word-table.ts';

export interface Token {
  /** Lower case; numbers in digits, units by one name. */
  text: string;
  type: 'word' | 'name' | 'number' | 'punctuation';
}

const QUOTED = /`([^`]+)`|"([^"]+)"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|(?<=^|\s)'([^']+)'(?=$|[\s?.,!;:])/g;
/** What code's punctuation joins is one token; `?how` and the like are what frames were replaced by. */
const TOKEN =
  /\?\p{Ll}+|[%]|§\d+|(?:(?<![\p{L}\p{N}])[-+−$€£¥])?\d+(?:[.,]\d+)*(?![\p{L}\p{N}])|[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*(?:[._$:/@#+-]+[\p{L}\p{M}\p{N}_]+)*(?:\(\)|\+\+|#)?|[,;.?!]/gu;
const CODE_LIKE = /[._$:/@#+](?=\S)|\p{Ll}\p{Lu}|_|\p{Lu}{2}|\(\)$|#$/u;
const LETTERS_AND_DIGITS = /\p{L}\p{N}|\p{N}\p{L}/u;
const NUMBER = /^[-+−]?\d+(?:[.,]\d+)*(?:st|nd|rd|th)?$/;
const NUMBER_WITH_UNIT = /^(\d+(?:[.,]\d+)*)(ms|s|sec|min|h|hr|d|mg|ml|g|kg|km|cm|mm|px|kb|mb|gb|tb|kib|mib|gib|x)$/;
const MONEY = /^[$€£¥]\d/;
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

/** The text with each quotation and span of code replaced by `§n`, and what they said. */
export function setQuotesAside(text: string): { text: string; quotes: string[] } {
  const quotes: string[] = [];
  const unquoted = text.replace(QUOTED, (...match: (string | undefined)[]) => {
    const content = match.slice(1, 7).find((group) => typeof group === 'string') ?? '';
    quotes.push(content.trim().toLowerCase().replace(/\(\)$/, ''));
    return ` §${quotes.length - 1} `;
  });
  return { text: unquoted, quotes };
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
export function tokenise(text: string, quotes: readonly string[], names: ReadonlySet<string>): Token[] {
  return [...text.matchAll(TOKEN)].flatMap(([token]) => {
    if (token.startsWith('§')) return [{ text: quotes[Number(token.slice(1))] ?? token, type: 'name' as const }];
    if (token.startsWith('?') && token.length > 1) return [{ text: token, type: 'word' as const }];
    if (/^[,;.?!]$/.test(token)) return [{ text: token, type: 'punctuation' as const }];
    if (names.has(token) || NUMBER.test(token) || MONEY.test(token)) return nameTokens(token);
    return token.split('-').flatMap(wordTokens);
  });
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
