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
  /** Stands behind an `and`. */
  isJoined: boolean;
}

type Gap = 'article' | 'attribution' | 'verb' | 'other';
type Item = { term: Term } | { gap: Gap };

const ARTICLES: ReadonlySet<string> = new Set('a an the my our your its this that these those any some'.split(' '));
/** All that `into` says beyond `in` is its direction. */
const ROLE_OF: Readonly<Record<string, string>> = { into: 'to', onto: 'to' };
const GET: ReadonlySet<string> = new Set(['get', 'gets', 'got', 'getting']);
const MARKER = /^\?\p{Ll}/u;

/** The terms of a text in order, with `X of Y` as `Y X`, so that it compares with the compound. */
export function arrangeTerms(tokens: readonly Token[]): Term[] {
  const items = readItems(tokens);
  for (let at = items.length - 1; at >= 0; at--) if (isGap(items[at], 'attribution')) putAttributeFirst(items, at);
  return items.flatMap((item) => ('term' in item ? [item.term] : []));
}

function readItems(tokens: readonly Token[]): Item[] {
  const items: Item[] = [];
  let role: string | null = null;
  let subject: Person | Term | null = null;
  let preposition: string | null = null;
  let head: Term | null = null;
  let isJoined = false;
  let awaitsParticiple = false;
  let awaitsVerb = false;
  for (const [index, { text, type }] of tokens.entries()) {
    if (type === 'punctuation') {
      items.push({ gap: 'other' });
      continue;
    }
    if (MARKER.test(text)) {
      awaitsVerb = text === '?how' || text === '?can';
      items.push({ gap: 'other' });
      continue;
    }
    const isGetting = GET.has(text) && isPastParticiple(tokens[index + 1]?.text ?? '');
    if (PASSIVE_AUXILIARIES.has(text) && (!GET.has(text) || isGetting)) awaitsParticiple = true;
    if (type === 'word' && (FUNCTION_WORDS.has(text) || isGetting) && !isCondition(tokens, index)) {
      role = ROLE_OF[text] ?? (text === 'to' ? 'to' : role);
      isJoined ||= CONJUNCTIONS.has(text);
      preposition = BELONGINGS[text] ?? preposition;
      if (BELONGINGS[text] !== undefined) head = lastTerm(items);
      if (personOf(text) !== null && !ARTICLES.has(text)) subject = personOf(text);
      items.push({ gap: gapOf(text) });
      continue;
    }
    const isMarker = type === 'word' && ROLE_MARKERS.has(text);
    const isPassive = awaitsParticiple && type === 'word' && isPastParticiple(text);
    const canonical = NEGATIONS.has(text) ? 'not' : text === 'when' ? 'if' : text;
    const forms = type === 'word' ? baseForms(canonical) : [text];
    const term: Term = { text: canonical, type, forms, role, isPassive, subject, preposition, head, follows: adjacentTerm(items), isJoined };
    items.push({ term });
    if (awaitsVerb) items.push({ gap: 'verb' });
    if (isPassive) awaitsParticiple = false;
    if (!isMarker) subject = term;
    role = isMarker ? canonical : null;
    preposition = null;
    head = null;
    isJoined = false;
    awaitsVerb = false;
  }
  return items;
}

function isCondition(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.text === 'when' && !asksWhen(tokens, at);
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
  let from = at;
  while (isTerm(items[from - 1])) from--;
  let begin = at + 1;
  while (isGap(items[begin], 'article')) begin++;
  let end = begin;
  while (isTerm(items[end])) end++;
  if (from === at || end === begin) return;
  const head = items.slice(from, at);
  items.splice(from, end - from, ...items.slice(begin, end), ...head);
}

function isTerm(item: Item | undefined): boolean {
  return item !== undefined && 'term' in item;
}

function isGap(item: Item | undefined, gap: Gap): boolean {
  return item !== undefined && 'gap' in item && item.gap === gap;
}
