import * as z from 'zod';
import { toAscii } from '../cache/ascii.ts';

const VERSION = 1;

const retired = z.tuple([z.string(), z.number().int()]);

const state = z.object({
  v: z.literal(VERSION),
  content: z.number().int(),
  purge: z.number().int(),
  horizon: z.number().int(),
  /** Every version up to it was deleted with the whole namespace. Absent in states of before there was such a thing. */
  erasedUpTo: z.number().int().default(0),
  /**
   * From one version to another: among these are deleted ones that `retired` has no room for and that an index may still
   * find. Absent in states of before there was such a thing.
   */
  unnamed: z.tuple([z.number().int(), z.number().int()]).nullable().default(null),
  /** Document id and version. */
  retired: z.array(retired),
});

/** What happened to a namespace lately, as far as anything made from its documents has to know. */
export type NamespaceState = Omit<z.infer<typeof state>, 'v'>;

/** What something was made from, kept beside it. */
export interface MadeFrom {
  /** As the state was before the first passage was looked for. */
  content: number;
  purge: number;
  /** Document id and version of every passage used. */
  versions: [documentId: string, version: number][];
}

/** `fresh`: nothing has changed since. `stale`: something has, but none of it. `gone`: some of it is not there any more. */
export type Freshness = 'fresh' | 'stale' | 'gone';

/** Of a namespace that nothing was ever put into. */
export const EMPTY_STATE: NamespaceState = {
  content: 0,
  purge: 0,
  horizon: 0,
  erasedUpTo: 0,
  unnamed: null,
  retired: [],
};

export function freshnessOf(made: MadeFrom, now: NamespaceState): Freshness {
  if (made.purge !== now.purge || made.content < now.horizon) return 'gone';
  if (made.versions.some(([, version]) => version <= now.erasedUpTo)) return 'gone';
  // Few made it, and many may be retired: each of those is looked up among these.
  const versions = Map.groupBy(made.versions, ([documentId]) => documentId);
  const isUsed = ([documentId, version]: [string, number]) =>
    versions.get(documentId)?.some(([, used]) => used === version) ?? false;
  if (now.retired.some(isUsed)) return 'gone';
  // More than now: made by an isolate that has heard of newer changes than this one.
  return made.content >= now.content ? 'fresh' : 'stale';
}

/**
 * Tells the versions that must not be quoted any more, whatever an index still finds: with those of other documents that
 * are as old as deleted ones that nothing names.
 */
export function retiredIn({
  erasedUpTo,
  unnamed,
  retired: versions,
}: NamespaceState): (documentId: string, version: number) => boolean {
  const keys = new Set(versions.map(([documentId, version]) => keyOf(documentId, version)));
  const isDoubtful = (version: number) => unnamed !== null && version >= unnamed[0] && version <= unnamed[1];
  return (documentId, version) => version <= erasedUpTo || isDoubtful(version) || keys.has(keyOf(documentId, version));
}

/**
 * Which of two readings of the same namespace is the later one; its counters only grow. Of the same change the second:
 * what was deleted may be gone by then.
 */
export function laterOf(a: NamespaceState, b: NamespaceState): NamespaceState {
  return b.purge > a.purge || (b.purge === a.purge && b.content >= a.content) ? b : a;
}

export function encodeState(value: NamespaceState): string {
  return toAscii(JSON.stringify({ v: VERSION, ...value } satisfies z.infer<typeof state>));
}

/** `null` for nothing, and for what is damaged or of another version. */
export function decodeState(text: string | null): NamespaceState | null {
  if (text === null) return null;
  try {
    const parsed = state.safeParse(JSON.parse(text));
    if (!parsed.success) return null;
    const { v: _, ...value } = parsed.data;
    return value;
  } catch {
    return null;
  }
}

function keyOf(documentId: string, version: number): string {
  return `${version}:${documentId}`;
}
