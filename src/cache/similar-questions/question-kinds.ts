import { YES_NO_STARTS } from './english-frames.ts';
import { FIRST_PERSON, SECOND_PERSON } from './english-words.ts';
import { isPastParticiple } from './inflection.ts';
import type { Token } from './question-tokens.ts';
import { wordTable } from './word-table.ts';

/** `Me` is not `I`: who asks is not who is asked. */
export type Person = 'first' | 'me' | 'second';

const ANYWHERE: ReadonlySet<string> = new Set(['how', 'why']);
/** Elsewhere they begin a subordinate clause: `the file that … when …`. */
const AT_THE_START = wordTable({ where: 'where', who: 'who', whom: 'who', whose: 'who' });
/** `How often should I` is `how often do I`; `who should` is not `who does`. */
const ADVICE_ANYWAY = ['how', 'why', 'where', 'frequency', 'duration', 'quantity'] as const;
const OBJECT_FORMS: ReadonlySet<string> = new Set(['me', 'us']);
const HAVE: ReadonlySet<string> = new Set(['has', 'have']);
/** Between `has` and its participle there are a subject and an adverb at most. */
const PERFECT_REACH = 4;
const PAST: ReadonlySet<string> = new Set(['did', 'was', 'were', 'had']);
/** `Who can approve it` is not `who approves it`. At the beginning they ask for a yes or a no, and are a kind of their own. */
const ABILITY: ReadonlySet<string> = new Set(['can', 'could', 'may', 'might', 'able']);
/** `Where can I` is `where do I`. */
const ABILITY_ANYWAY = ['how', 'where', 'can'] as const;
const AUXILIARY: ReadonlySet<string> = new Set([...YES_NO_STARTS, 'can', 'could', 'may', 'might', '?must', '?should']);

/** What kind of answer is asked for. `What` and no question word at all are no kind: they go with nothing else. */
export function kindsOf(tokens: readonly Token[]): Set<string> {
  const kinds = new Set<string>();
  for (const [index, { text }] of tokens.entries()) {
    const startsClause = isClauseStart(tokens[index - 1]);
    if (text.startsWith('?') && text.length > 1) kinds.add(text.slice(1));
    else if (ANYWHERE.has(text)) kinds.add(text);
    else if (PAST.has(text) || isPerfect(tokens, index)) kinds.add('past');
    else if (asksWhen(tokens, index)) kinds.add('when');
    else if (startsClause && AT_THE_START[text] !== undefined) kinds.add(AT_THE_START[text]);
    if (ABILITY.has(text)) kinds.add('able');
    if (startsClause && YES_NO_STARTS.has(text)) kinds.add('whether');
  }
  kinds.delete('what');
  if (ADVICE_ANYWAY.some((kind) => kinds.has(kind))) kinds.delete('should');
  if (ABILITY_ANYWAY.some((kind) => kinds.has(kind))) kinds.delete('able');
  if (['must', 'should', 'how', 'can'].some((kind) => kinds.has(kind))) kinds.delete('whether');
  if (kinds.has('how')) kinds.delete('can');
  return kinds;
}

function isPerfect(tokens: readonly Token[], at: number): boolean {
  if (!HAVE.has(tokens[at]?.text ?? '')) return false;
  const following = tokens.slice(at + 1, at + 1 + PERFECT_REACH);
  return following.some(({ text }) => text === 'been' || isPastParticiple(text));
}

/** `When does it start`, not `what happens when it starts`. */
export function asksWhen(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.text === 'when' && isClauseStart(tokens[at - 1]) && AUXILIARY.has(tokens[at + 1]?.text ?? '');
}

/** Of whom a question speaks, in order, each once in a row. */
export function personsOf(tokens: readonly Token[]): Person[] {
  const persons = tokens.flatMap(({ text }) => personOf(text) ?? []);
  return persons.filter((person, index) => person !== persons[index - 1]);
}

export function personOf(word: string): Person | null {
  if (OBJECT_FORMS.has(word)) return 'me';
  if (FIRST_PERSON.has(word)) return 'first';
  return SECOND_PERSON.has(word) ? 'second' : null;
}

function isClauseStart(previous: Token | undefined): boolean {
  return previous === undefined || previous.type === 'punctuation' || previous.text === 'and';
}
