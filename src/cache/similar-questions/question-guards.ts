import { ATTRIBUTIONS } from './english-words.ts';
import { changesVoice, isPastParticiple } from './inflection.ts';
import type { Term } from './question-terms.ts';
import type { QuestionText } from './question-text.ts';
import { type Alignment, alignTerms, type Counterparts, isSameWord } from './term-alignment.ts';

/** Why two questions are not the same one, whatever their vectors say. */
export type Veto =
  | 'language'
  | 'number'
  | 'name'
  | 'negation'
  | 'kind'
  | 'person'
  | 'conjunction'
  | 'word'
  | 'role'
  | 'voice'
  | 'order';

/**
 * What forbids that one question is answered with the other's results, or `null`. Every word that carries meaning must
 * have its counterpart in the other question, in the same role: when in doubt, they differ. Symmetric.
 */
export function vetoMatch(a: QuestionText, b: QuestionText): Veto | null {
  // In one order, whoever asks: which of several counterparts a term gets depends on who goes first.
  return a.question < b.question ? vetoOrdered(a, b) : vetoOrdered(b, a);
}

function vetoOrdered(a: QuestionText, b: QuestionText): Veto | null {
  if (!a.isEnglish || !b.isEnglish) return isEqual(a.words, b.words) ? null : 'language';
  const alignment = alignTerms(a.terms, b.terms);
  if (alignment.unexplained.some(({ type }) => type === 'number')) return 'number';
  if (alignment.unexplained.some(({ type }) => type === 'name')) return 'name';
  if (alignment.unexplained.some(({ text }) => text === 'not' || text === 'without')) return 'negation';
  if (!isSameKind(a.kinds, b.kinds)) return 'kind';
  if (!agreeOnPersons(a, b)) return 'person';
  if (changesConjunction(a.terms, b.terms, alignment)) return 'conjunction';
  if (alignment.unexplained.length > 0 || alignment.pairs.length === 0) return 'word';
  if (hasSwappedRole(alignment) || hasSwappedHead(alignment)) return 'role';
  if (alignment.pairs.some(changesGoal)) return 'role';
  if (alignment.pairs.some((pair) => changesPreposition(pair, alignment.pairs))) return 'role';
  if (alignment.pairs.some(changesTense)) return 'voice';
  if (alignment.pairs.some(({ left, right }) => isReversed(left, right) || isReversed(right, left))) return 'voice';
  return isReordered(alignment) ? 'order' : null;
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index]);
}

function isSameKind(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  // `When` is answered by a day and by a time, but not the one by the other.
  if ((a.has('day') && b.has('time')) || (a.has('time') && b.has('day'))) return false;
  // `Can I` is answered by how, and by yes or no; `how` is not.
  const either = a.has('can') ? b : a;
  const open =
    a.has('can') || b.has('can') ? ['day', 'time', 'can', either.has('how') ? 'how' : 'whether'] : ['day', 'time'];
  const [left, right] = [a, b].map((kinds) => [...kinds].filter((kind) => !open.includes(kind)).sort());
  return isEqual(left ?? [], right ?? []);
}

/** Who asks may be left out; who does what to whom may not. */
function agreeOnPersons(a: QuestionText, b: QuestionText): boolean {
  if (isEqual(a.persons, b.persons)) return true;
  return (a.persons.length === 0 && b.persons.length === 1) || (b.persons.length === 0 && a.persons.length === 1);
}

/** `A passport and a visa`, `a passport or a visa`; `and` may be a comma, `or` may not. */
function changesConjunction(a: readonly Term[], b: readonly Term[], { pairs }: Alignment): boolean {
  const [offersA, offersB] = [a, b].map((terms) => terms.some(({ conjunction }) => conjunction === 'or'));
  if (offersA !== offersB) return true;
  return pairs.some(
    ({ left, right }) =>
      left.conjunction !== null && right.conjunction !== null && left.conjunction !== right.conjunction,
  );
}

/** `Users of a group`, `groups of a user`. */
function hasSwappedHead({ pairs }: Alignment): boolean {
  return pairs.some(({ left, right }) => {
    const headPair = pairs.find((pair) => pair.left === left.head);
    return headPair !== undefined && headPair.right.head === right;
  });
}

/** `Which employees are on leave`, `which employees leave`; `look for a file`, `look at a file`. */
function changesPreposition(pair: Counterparts, pairs: readonly Counterparts[]): boolean {
  const { left, right } = pair;
  if (left.preposition === right.preposition || left.preposition === 'of' || right.preposition === 'of') return false;
  if (left.preposition !== null && right.preposition !== null) return true;
  const head = pairs.find((other) =>
    left.preposition === null ? other.right === right.head : other.left === left.head,
  );
  if (head === undefined) return true;
  return left.preposition === null ? !isCompoundedWith(left, head.left) : !isCompoundedWith(right, head.right);
}

/** `Request` with `limit` in `request body limit`. */
function isCompoundedWith(term: Term, head: Term): boolean {
  for (let before = head.follows; before !== null; before = before.follows) if (before === term) return true;
  return false;
}

/** `How many people work here`, `how many people worked here`. */
function changesTense({ left, right }: Counterparts): boolean {
  if (left.isPassive || right.isPassive) return false;
  return (
    left.type === 'word' && isPastParticiple(left.text) !== isPastParticiple(right.text) && isSameWord(left, right)
  );
}

/** `Subscribe to a user`, `subscribe a user`. */
function changesGoal({ left, right }: Counterparts): boolean {
  return (left.role === null || right.role === null) && (left.role ?? right.role) === 'to';
}

/** The same marker stands before different terms: `from A to B`, `from B to A`. */
function hasSwappedRole({ pairs }: Alignment): boolean {
  const differing = pairs.filter(({ left, right }) => left.role !== right.role);
  const onlyRight = new Set(differing.map(({ right }) => right.role));
  return differing.some(({ left }) => left.role !== null && onlyRight.has(left.role));
}

/** `I am charged` and `I charge`: the same subject at the other end of the verb. */
function isReversed(passive: Term, active: Term): boolean {
  return passive.isPassive && !active.isPassive && isSameSubject(passive.subject, active.subject);
}

function isSameSubject(a: Term['subject'], b: Term['subject']): boolean {
  // Nobody named: whoever asks.
  if (a === null || b === null || typeof a === 'string' || typeof b === 'string') return a === b;
  return isSameWord(a, b);
}

/** Two terms changed places that are not joined by `and`, and neither is a verb that became a participle on the way. */
function isReordered({ pairs }: Alignment): boolean {
  return pairs.some((first, at) =>
    pairs
      .slice(at + 1)
      .some((second, offset) => second.rightAt < first.rightAt && !mayChangePlaces(first, second, offset === 0)),
  );
}

function mayChangePlaces(first: Counterparts, second: Counterparts, areNeighbours: boolean): boolean {
  if (movesAsVerb(first) || movesAsVerb(second)) return true;
  if (modifyOneHead(first.left, second.left) || modifyOneHead(first.right, second.right)) return true;
  return (
    areNeighbours &&
    second.left.conjunction !== null &&
    first.right.conjunction !== null &&
    first.rightAt === second.rightAt + 1
  );
}

function movesAsVerb({ left, right }: Counterparts): boolean {
  return left.isPassive !== right.isPassive || (isSameWord(left, right) && changesVoice(left.text, right.text));
}

/** `Maximum` and `request` in `maximum size of a request`: between them, no order says anything. */
function modifyOneHead(a: Term, b: Term): boolean {
  const [headOfA, headOfB] = [attributedTo(a), attributedTo(b)];
  return (headOfA !== null && isCompoundedWith(b, headOfA)) || (headOfB !== null && isCompoundedWith(a, headOfB));
}

function attributedTo(term: Term): Term | null {
  for (let at: Term | null = term; at !== null; at = at.follows)
    if (ATTRIBUTIONS.has(at.preposition ?? '')) return at.head;
  return null;
}
