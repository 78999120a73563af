export const DIFFERENCE_KINDS = ['lost', 'duplicate', 'orphan', 'wrong'] as const;

/** Something that is not as it should be in the end. */
export interface Difference {
  kind: (typeof DIFFERENCE_KINDS)[number];
  /** Part of what the stack keeps: `documents`, `objects`, `lexical`, a store. */
  where: string;
  namespace: string;
  documentId: string;
  what: string;
}

export interface Named {
  namespace: string;
  documentId: string;
}

export function keyOf({ namespace, documentId }: Named): string {
  return `${namespace}/${documentId}`;
}

export function namedBy(key: string): Named {
  const [namespace = '', ...rest] = key.split('/');
  return { namespace, documentId: rest.join('/') };
}

export function lost(where: string, { namespace, documentId }: Named, what: string): Difference {
  return { kind: 'lost', where, namespace, documentId, what };
}

export function wrong(where: string, { namespace, documentId }: Named, what: string): Difference {
  return { kind: 'wrong', where, namespace, documentId, what };
}

/** What should have gone: of a document that is there it is a second copy, of others it belongs to nobody. */
export function left(
  where: string,
  { namespace, documentId }: Named,
  kept: ReadonlyMap<string, unknown>,
  what: string,
): Difference {
  const kind = kept.has(keyOf({ namespace, documentId })) ? 'duplicate' : 'orphan';
  return { kind, where, namespace, documentId, what };
}
