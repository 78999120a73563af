import {
  ATTRIBUTIONS,
  BELONGINGS,
  CONJUNCTIONS,
  FUNCTION_WORDS,
  NEGATIONS,
  PASSIVE_AUXILIARIES,
  ROLE_MARKERS,
} from './english-words.ts';
import { baseForms, isPastParticiple } from './inflection.ts';
import { asksWhen, type Person, personOf } from './question-kinds.ts';
import type { Token } from './question-tokens.ts';
import { wordTable } from './word-table.ts';

export type TermType = 'word' | 'name' | 'number';

/** A word that has to have a counterpart in a question that asks the same. */
export interface Term {
  text: string;
  /** A name or a number is only ever itself. */
  type: TermType;
  /** What the word may be a form of. */
  forms: readonly string[];
  /** The marker before it: `from` of `from the server`. */
  role: string | null;
  /** Done to its subject: `is charged`. */
  isPassive: boolean;
  /** The closest person or term before it. */
  subject: Person | Term | null;
  /** How it belongs to what stands before it: `of`, or `in` for every place. */
  preposition: string | null;
  /** What it belongs to: the users, in `users of a group`. */
  head: Term | null;
  /** What it follows without anything in between but an article. */
  follows: Term | null;
  /** What joins it to the term before it. */
  conjunction: Conjunction | null;
}

export type Conjunction = 'and' | 'or';

type Gap = 'article' | 'attribution' | 'verb' | 'other';
type Item = { term: Term } | { gap: Gap };

const ARTICLES: ReadonlySet<string> = new Set('a an the my our your its this that these those any some'.split(' '));
/** All that `into` says beyond `in` is its direction. */
const ROLE_OF = wordTable({ into: 'to', onto: 'to' });
const GET: ReadonlySet<string> = new Set(['get', 'gets', 'got', 'getting']);
const MARKER = /^\?\p{Ll}/u;

/** The terms of a text in order, with `X of Y` as `Y X`, so that it compares with the compound. */
export function arrangeTerms(tokens: readonly Token[]): Term[] {
  const items = readItems(tokens);
  for (let at = items.length - 1; at >= 0; at--) if (isGap(items[at], 'attribution')) putAttributeFirst(items, at);
  return items.flatMap((item) => ('term' in item ? [item.term] : []));
}

/** What has been read, and what it says of the next term. */
interface Reading {
  items: Item[];
  role: string | null;
  subject: Person | Term | null;
  preposition: string | null;
  head: Term | null;
  conjunction: Conjunction | null;
  awaitsParticiple: boolean;
  /** `How do I` is followed by what somebody wants to do. */
  awaitsVerb: boolean;
}

function readItems(tokens: readonly Token[]): Item[] {
  const reading: Reading = {
    items: [],
    role: null,
    subject: null,
    preposition: null,
    head: null,
    conjunction: null,
    awaitsParticiple: false,
    awaitsVerb: false,
  };
  for (const [index, token] of tokens.entries()) {
    if (PASSIVE_AUXILIARIES.has(token.text) && (!GET.has(token.text) || isGetting(tokens, index))) {
      reading.awaitsParticiple = true;
    }
    if (token.type === 'punctuation') reading.items.push({ gap: 'other' });
    else if (MARKER.test(token.text)) readMarker(reading, token.text);
    else if (isFunctionWord(tokens, index)) readFunctionWord(reading, token.text);
    else readTerm(reading, token.text, token.type);
  }
  readDangling(reading);
  return reading.items;
}

/** `Who do I report to`: what it governs was asked for, and stands in front. */
function readDangling(reading: Reading): void {
  const dangling = reading.role === 'to' ? 'to' : reading.preposition;
  if (dangling !== null && reading.items.length > 0) readTerm(reading, dangling, 'word');
}

function readMarker(reading: Reading, text: string): void {
  reading.awaitsVerb = text === '?how' || text === '?can';
  reading.items.push({ gap: 'other' });
}

function readFunctionWord(reading: Reading, text: string): void {
  reading.role = ROLE_OF[text] ?? (text === 'to' ? 'to' : reading.role);
  reading.conjunction = CONJUNCTIONS[text] ?? reading.conjunction;
  const preposition = BELONGINGS[text];
  if (preposition !== undefined) {
    reading.preposition = preposition;
    reading.head = lastTerm(reading.items);
  }
  if (personOf(text) !== null && !ARTICLES.has(text)) reading.subject = personOf(text);
  reading.items.push({ gap: gapOf(text) });
}

function readTerm(reading: Reading, word: string, type: TermType): void {
  const text = type === 'word' ? canonicalOf(word) : word;
  const isMarker = type === 'word' && ROLE_MARKERS.has(word);
  const isPassive = reading.awaitsParticiple && type === 'word' && isPastParticiple(word);
  const { role, subject, preposition, head, conjunction } = reading;
  const forms = type === 'word' ? baseForms(text) : [text];
  const follows = adjacentTerm(reading.items);
  const term: Term = { text, type, forms, role, isPassive, subject, preposition, head, follows, conjunction };
  reading.items.push({ term });
  if (reading.awaitsVerb) reading.items.push({ gap: 'verb' });
  if (isPassive) reading.awaitsParticiple = false;
  if (!isMarker) reading.subject = term;
  reading.role = isMarker ? text : null;
  reading.preposition = null;
  reading.head = null;
  reading.conjunction = null;
  reading.awaitsVerb = false;
}

function isFunctionWord(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.type !== 'word') return false;
  if (token.text === 'when') return asksWhen(tokens, at);
  return FUNCTION_WORDS.has(token.text) || isGetting(tokens, at);
}

/** `Get` in `get charged`, not in `get a refund`. */
function isGetting(tokens: readonly Token[], at: number): boolean {
  return GET.has(tokens[at]?.text ?? '') && isPastParticiple(tokens[at + 1]?.text ?? '');
}

function canonicalOf(word: string): string {
  if (NEGATIONS.has(word)) return 'not';
  return word === 'when' ? 'if' : word;
}

function lastTerm(items: readonly Item[]): Term | null {
  const last = items.findLast((item) => 'term' in item);
  return last !== undefined && 'term' in last ? last.term : null;
}

function adjacentTerm(items: readonly Item[]): Term | null {
  const last = items.findLast((item) => !isGap(item, 'article') && !isGap(item, 'verb'));
  return last !== undefined && 'term' in last ? last.term : null;
}

function gapOf(text: string): Gap {
  if (ARTICLES.has(text)) return 'article';
  return ATTRIBUTIONS.has(text) ? 'attribution' : 'other';
}

function putAttributeFirst(items: Item[], at: number): void {
  let begin = at + 1;
  while (isGap(items[begin], 'article')) begin++;
  let end = begin;
  while (isTerm(items[end])) end++;
  const head = items[at - 1];
  if (head === undefined || !isTerm(head) || end === begin) return;
  items.splice(at - 1, end - at + 1, ...items.slice(begin, end), head);
}

function isTerm(item: Item | undefined): boolean {
  return item !== undefined && 'term' in item;
}

function isGap(item: Item | undefined, gap: Gap): boolean {
  return item !== undefined && 'gap' in item && item.gap === gap;
}
