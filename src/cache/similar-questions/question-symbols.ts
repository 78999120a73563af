import { NEED_AN_OBJECT } from './english-words.ts';
import { placeholder, type SetAside, WORD } from './question-tokens.ts';

const WORD_OR_RUN = new RegExp(`${WORD}|(?<run>(?:(?!${WORD})[\\p{P}\\p{S}\\p{M}\\p{Cf}])+)`, 'gu');
/** A bracket or quotation mark that closes belongs to the word in it. */
const ENDS_IN_WORD = /[\p{L}\p{M}\p{N}_\p{Pe}\p{Pf}"']$/u;
/** Of code, mathematics or a scale. */
const ENDS_IN_ONE_LETTER = /(?<![\p{L}\p{N}'])\p{L}$/u;
const BEGINS_WITH_WORD = /^[\p{L}\p{N}_]/u;
/** Never an operator at the edge of a word: quotation marks, commas, every script's own punctuation, what is invisible. */
const QUIET = /["'`,;\p{M}\p{Cf}]|(?![\p{ASCII}§‰′″])\p{P}/u;
const BRACKET = /[()]/;
/** With any of these, brackets say what belongs together. */
const CALCULATION = /[-+*/&|^=<>~!]/;
const SENTENCE_PUNCTUATION = /^[.?!:-]+$/;
const SENTENCE_END = /[.?!:-]+$/;
/** As long as the longest word that is looked at on either side. */
const REACH = 20;

/** Symbols without a space between them, and the text around them. */
interface Run {
  text: string;
  before: string;
  after: string;
}

/** A run as what it says, if anything, and the sentence's own punctuation around that. */
interface Reading {
  leading: string;
  symbol: string;
  trailing: string;
}

/**
 * Replaces the runs of symbols that say something (`==`, the `.` of `.env`, an emoji) by placeholders, so that they are
 * held to their counterparts as names are. The punctuation of sentences stays.
 */
export function setSymbolsAside(text: SetAside): SetAside {
  const replaced = replaceSymbols(text, (character) => QUIET.test(character) || BRACKET.test(character));
  const symbols = replaced.said.slice(text.said.length);
  return symbols.some((symbol) => CALCULATION.test(symbol))
    ? replaceSymbols(text, (character) => QUIET.test(character))
    : replaced;
}

function replaceSymbols({ text, said }: SetAside, isQuiet: (character: string) => boolean): SetAside {
  const all = [...said];
  const parts: string[] = [];
  let from = 0;
  for (const { 0: match, index, groups } of text.matchAll(WORD_OR_RUN)) {
    if (groups?.run === undefined) continue;
    const end = index + match.length;
    const run = {
      text: match,
      before: text.slice(Math.max(0, index - REACH), index),
      after: text.slice(end, end + REACH),
    };
    const { leading, symbol, trailing } = readRun(run, isQuiet);
    parts.push(text.slice(from, index), leading);
    if (symbol !== '') parts.push(placeholder(all.push(symbol) - 1));
    // Apart from what follows, or it would be read as one of the frames' markers.
    parts.push(trailing, trailing.endsWith('?') && BEGINS_WITH_WORD.test(run.after) ? ' ' : '');
    from = end;
  }
  return { text: parts.join('') + text.slice(from), said: all };
}

function readRun(run: Run, isQuiet: (character: string) => boolean): Reading {
  if (isBetweenDigits(run) && /^[-‐‒–−]$/.test(run.text)) return { leading: '', symbol: '-', trailing: '' };
  if (isPrime(run)) return { leading: '', symbol: run.text.charAt(0), trailing: run.text.slice(1) };
  const characters = [...run.text];
  const begin = characters.findIndex((character) => !isQuiet(character));
  if (begin === -1) return { leading: '', symbol: '', trailing: run.text };
  const end = characters.findLastIndex((character) => !isQuiet(character)) + 1;
  const leading = characters.slice(0, begin).join('');
  const core = characters.slice(begin, end).join('');
  const trailing = characters.slice(end).join('');
  const symbol = symbolOf({ text: core, before: run.before + leading, after: trailing + run.after });
  return { leading, symbol, trailing: core.slice(symbol.length) + trailing };
}

/** What begins the run and is no punctuation of its sentence; may be nothing. */
function symbolOf(run: Run): string {
  const endsWord = ENDS_IN_WORD.test(run.before);
  const beginsWord = BEGINS_WITH_WORD.test(run.after);
  // `R&D`, `terms & conditions`: no operator but a word.
  if (run.text === '&' && endsWord === beginsWord) return '';
  if (!SENTENCE_PUNCTUATION.test(run.text)) {
    const endsSentence = !beginsWord && (endsWord || run.after.trim() === '');
    return endsSentence ? run.text.replace(SENTENCE_END, '') : run.text;
  }
  if (endsWord && !beginsWord) return symbolBehind(run);
  if (endsWord) return isSaidInside(run) ? run.text : '';
  return (beginsWord ? isSaidBefore(run) : isSaidAlone(run)) ? run.text : '';
}

/** `a?b`, `10:30`, not `part-time` nor the `?` of scripts without spaces. */
function isSaidInside(run: Run): boolean {
  if (/^-+$/.test(run.text)) return false;
  return !/(?!\p{Script=Latin})\p{L}$/u.test(run.before) && !/^(?!\p{Script=Latin})\p{L}/u.test(run.after);
}

/** `i--`, the grade `B-`; `n!` with its one letter is a formula, where `stop!` is an exclamation. */
function symbolBehind({ text, before, after }: Run): string {
  const dashes = /^-*(?=[.?!:]*$)/.exec(text)?.[0];
  const isOneLetter = ENDS_IN_ONE_LETTER.test(before);
  if (dashes === '--' || (dashes === '-' && isOneLetter)) return dashes;
  return isOneLetter && /^[!?]/.test(text) && !/[ai]$/i.test(before) && /^\s+\p{Ll}/u.test(after) ? text : '';
}

/** `.env`, `--force`, `:hover`, not the ellipsis of `...and`. */
function isSaidBefore({ text }: Run): boolean {
  return !/^\.{2,}$/.test(text);
}

/** `What does ? match`, `what is ?. for`, not `Comment faire ? Merci` nor `delete it ??`. */
function isSaidAlone({ text, before, after }: Run): boolean {
  const isObject = NEED_AN_OBJECT.has(/\p{L}+(?=\s+$)/u.exec(before)?.[0].toLowerCase() ?? '');
  if (after.trim() === '') return isObject && text.length > 1;
  if (/^(?:-|:|\.+)$/.test(text)) return isObject;
  return !/^\s*\p{Lu}/u.test(after);
}

function isBetweenDigits({ before, after }: Run): boolean {
  return /\p{N}\s?$/u.test(before) && /^\s?\p{N}/u.test(after);
}

/** Feet and inches, and the primes of `x'`: quotation marks are set aside in pairs before. */
function isPrime({ text, before, after }: Run): boolean {
  const isMarked = /\p{N}$/u.test(before) || ENDS_IN_ONE_LETTER.test(before);
  return isMarked && /^["'′″]/.test(text) && !/^\p{L}/u.test(after);
}
