import * as z from 'zod';

/**
 * An allow-list, because a key becomes part of a path in every store's filter language.
 * Vectorize refuses quotes, dots and pipes; Upstash knows letters, digits and _.
 */
export const metadataKey = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'is not a metadata key: 1 to 64 letters, digits and _');

export const MAX_METADATA_TEXT_CHARACTERS = 1_000;

/** Text that every store keeps as it is: SQLite ends a text at a NUL, and UTF-8 has no lone surrogates. */
export function metadataText(maxCharacters: number) {
  return z
    .string('is not a string')
    .max(maxCharacters, `may have at most ${maxCharacters} characters`)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'has NUL characters or broken Unicode');
}
