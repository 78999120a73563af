import { areSynonyms } from './english-synonyms.ts';
import type { Term } from './question-terms.ts';

export interface Counterparts {
  left: Term;
  right: Term;
  /** Where the right one stands in its text. */
  rightAt: number;
}

export interface Alignment {
  /** In the order of the first text. */
  pairs: readonly Counterparts[];
  /** Terms of either text that have none. */
  unexplained: readonly Term[];
}

/** Gives each term its counterpart: itself first, then another form of it, then a synonym. */
export function alignTerms(a: readonly Term[], b: readonly Term[]): Alignment {
  const left = joinCompounds(a, b);
  const right = joinCompounds(b, a);
  const free = new Set(right);
  const counterparts = new Map<Term, Term>();
  for (const matches of [isSameText, isSameWord, isSynonym]) {
    for (const term of left) {
      if (counterparts.has(term)) continue;
      const counterpart = right.find((other) => free.has(other) && matches(term, other));
      if (counterpart === undefined) continue;
      counterparts.set(term, counterpart);
      free.delete(counterpart);
    }
  }
  const pairs = left.flatMap((term) => {
    const counterpart = counterparts.get(term);
    return counterpart === undefined ? [] : [{ left: term, right: counterpart, rightAt: right.indexOf(counterpart) }];
  });
  const unexplained = [...left.filter((term) => !counterparts.has(term)), ...free];
  return { pairs, unexplained };
}

/** The same word in any form. */
export function isSameWord(a: Term, b: Term): boolean {
  if (a.type === 'number' || b.type === 'number') return isSameText(a, b);
  if (a.type !== b.type) return a.text === b.text;
  if (a.type === 'name') return a.text === b.text || isPluralName(a.text, b.text) || isPluralName(b.text, a.text);
  return a.forms.some((form) => b.forms.includes(form));
}

function isSameText(a: Term, b: Term): boolean {
  return a.text === b.text;
}

function isPluralName(plural: string, singular: string): boolean {
  return plural === `${singular}s` && /^\p{Ll}{3,}$/u.test(singular);
}

function isSynonym(a: Term, b: Term): boolean {
  if (a.type !== 'word' || b.type !== 'word') return false;
  return a.forms.some((form) => b.forms.some((other) => areSynonyms(form, other)));
}

/** `time out` as one term where the other text writes `timeout`. */
function joinCompounds(terms: readonly Term[], others: readonly Term[]): Term[] {
  const joined: Term[] = [];
  for (const term of terms) {
    const previous = joined.at(-1);
    const whole = previous === undefined ? undefined : others.find((other) => isCompound(previous, term, other));
    if (previous === undefined || whole === undefined) joined.push(term);
    else joined.splice(-1, 1, { ...previous, text: whole.text, type: whole.type, forms: whole.forms });
  }
  return joined;
}

function isCompound(first: Term, second: Term, whole: Term): boolean {
  if (whole.type === 'number') return false;
  return second.forms.some((form) => whole.forms.includes(`${first.text}${form}`));
}
