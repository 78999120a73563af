import * as z from 'zod';
import { invalidFields } from './errors.ts';

/** What a page goes on after: opaque to clients, so that it may change with `VERSION`. */
type CursorKind = 'documents' | 'chunks' | 'ingestion';

const VERSION = 1;

const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

/** The query parameters of every list. */
export const pageQuery = {
  limit: z.coerce
    .number('is not a number')
    .int()
    .min(1)
    .max(MAX_PAGE)
    .default(DEFAULT_PAGE)
    .meta({ description: 'Most to answer with; there may be less on a page that is not the last.' }),
  cursor: z.string().max(2_000).optional().meta({ description: '`nextCursor` of the page before.' }),
};

/** Fit for a query parameter as it is. */
export function writeCursor(kind: CursorKind, position: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify([VERSION, kind, position]));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The position in a cursor of this kind; `null` without one. @throws ApiProblem VALIDATION_FAILED */
export function readCursor<T>(kind: CursorKind, position: z.ZodType<T>, cursor: string | undefined): T | null {
  if (cursor === undefined) return null;
  const parsed = z.tuple([z.literal(VERSION), z.literal(kind), position]).safeParse(decode(cursor));
  if (parsed.success) return parsed.data[2];
  throw invalidFields([{ pointer: '?cursor', detail: 'is no cursor of this list: take it from nextCursor as it is' }]);
}

function decode(cursor: string): unknown {
  try {
    const binary = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return null;
  }
}
