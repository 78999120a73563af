import * as z from 'zod';
import { freshnessOf, type MadeFrom } from '../namespaces/namespace-state.ts';
import type { StateReading } from '../namespaces/namespace-states.ts';
import { toAscii } from './ascii.ts';

const VERSION = 1;

const entry = z.object({
  v: z.literal(VERSION),
  storedAtMs: z.number(),
  madeFrom: z.object({
    content: z.number().int(),
    purge: z.number().int(),
    versions: z.array(z.tuple([z.string(), z.number().int()])),
  }),
  payload: z.unknown(),
});

/** Something made from documents, as a cache keeps it. */
export interface CacheEntry<T> {
  storedAtMs: number;
  madeFrom: MadeFrom;
  payload: T;
}

export interface Lifetimes {
  /** Used without a second thought for so long, while its documents are what they were. */
  freshMs: number;
  /** Then used once more while a newer one is made. */
  staleMs: number;
  /** And after that only when no newer one can be made. */
  ifErrorMs: number;
}

/** What an entry is good for now. */
export type EntryUse = 'fresh' | 'stale' | 'if-error' | 'none';

export function encodeEntry(stored: CacheEntry<unknown>): string {
  return toAscii(JSON.stringify({ v: VERSION, ...stored } satisfies z.infer<typeof entry>));
}

/** `null` for nothing, and for what is damaged or of another version: a miss, to be replaced. */
export function decodeEntry<T>(text: string | null, payload: z.ZodType<T>): CacheEntry<T> | null {
  if (text === null) return null;
  try {
    const parsed = entry.safeParse(JSON.parse(text));
    if (!parsed.success) return null;
    const content = payload.safeParse(parsed.data.payload);
    if (!content.success) return null;
    const { storedAtMs, madeFrom } = parsed.data;
    return { storedAtMs, madeFrom, payload: content.data };
  } catch {
    return null;
  }
}

/** The entries an isolate has decoded lately, by their text. Nobody changes them: many requests may hold one. */
export type DecodedEntries<T> = Map<string, CacheEntry<T>>;

// Some three times as much memory once they are objects, of an isolate's 128 MB.
const MAX_DECODED_CHARACTERS = 2_000_000;
const MAX_CHARACTERS_EACH = 100_000;

/** `decodeEntry` that parses and validates the same text once: what is asked for again and again is read again and again. */
export function decodeOnce<T>(
  text: string | null,
  payload: z.ZodType<T>,
  decoded: DecodedEntries<T>,
): CacheEntry<T> | null {
  const known = text === null ? undefined : decoded.get(text);
  if (known !== undefined) return known;
  const entry = decodeEntry(text, payload);
  if (text === null || entry === null || text.length > MAX_CHARACTERS_EACH) return entry;
  decoded.set(text, entry);
  let characters = [...decoded.keys()].reduce((sum, { length }) => sum + length, 0);
  for (const oldest of decoded.keys()) {
    if (characters <= MAX_DECODED_CHARACTERS) break;
    decoded.delete(oldest);
    characters -= oldest.length;
  }
  return entry;
}

/** Nothing made from a retired version is ever used; where nobody can say, only when there is nothing else. */
export function useOf(
  { storedAtMs, madeFrom }: Omit<CacheEntry<unknown>, 'payload'>,
  reading: StateReading,
  nowMs: number,
  { freshMs, staleMs, ifErrorMs }: Lifetimes,
): EntryUse {
  const ageMs = nowMs - storedAtMs;
  const isYoung = ageMs < freshMs;
  if (ageMs >= freshMs + staleMs + ifErrorMs) return 'none';
  if (reading.kind === 'unknown') {
    return reading.last !== null && freshnessOf(madeFrom, reading.last) === 'gone' ? 'none' : 'if-error';
  }
  const freshness = freshnessOf(madeFrom, reading.state);
  if (freshness === 'gone') return 'none';
  if (isYoung && freshness === 'fresh') return 'fresh';
  return ageMs < freshMs + staleMs ? 'stale' : 'if-error';
}
