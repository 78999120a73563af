/** A document as its owner gave it, with what was said of it since. */
export interface GivenDocument {
  markdown: string;
  /** Each of them stands in no other text. */
  sentences: string[];
  /** Null where its first heading says it. */
  title: string | null;
  url: string | null;
  metadata: Record<string, string | number>;
}

/** A state in which a document may be found in the end. */
export type Outcome =
  | { kind: 'absent' }
  /** `version`: as the answer said, null when no answer came. */
  | { kind: 'present'; version: number | null; given: GivenDocument };

export interface ExpectedDocument {
  namespace: string;
  id: string;
  /** One, unless a request got no answer: then it may have been accepted, or not. */
  outcomes: Outcome[];
}

/** What became of a request as its sender sees it. */
export type RequestEnd =
  /** `version`: null when the answer says that the document is not there. */
  | { kind: 'answered'; version: number | null }
  /** It may have been done, or not. */
  | { kind: 'unknown' }
  /** Nobody took it. */
  | { kind: 'refused' };

/** The outcomes after one more request, `wanted` being what it may have made of those before it. */
export function outcomesAfter(before: Outcome[], wanted: Outcome[], end: RequestEnd): Outcome[] {
  switch (end.kind) {
    case 'answered':
      return answeredWith(end.version, before, wanted);
    case 'unknown':
      return [
        ...before,
        ...wanted.flatMap((one) => (one.kind === 'absent' && isAbsentIn(before) ? [] : [unversioned(one)])),
      ];
    case 'refused':
      return before;
    default:
      return end satisfies never;
  }
}

function answeredWith(version: number | null, before: Outcome[], wanted: Outcome[]): Outcome[] {
  if (version !== null) return wanted.flatMap((one) => (one.kind === 'absent' ? [] : [{ ...one, version }]));
  // Who is told that a document is not there, and knows better, goes on expecting it.
  return isAbsentIn(wanted) ? [{ kind: 'absent' }] : before;
}

function isAbsentIn(outcomes: Outcome[]): boolean {
  return outcomes.some(({ kind }) => kind === 'absent');
}

function unversioned(outcome: Outcome): Outcome {
  return outcome.kind === 'absent' ? outcome : { ...outcome, version: null };
}
