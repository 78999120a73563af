import { plainText } from '../plain-text.ts';

const MAX_BYTES = 512;

// What has no width or turns the direction makes one id look like another in a log. The joiners U+200C and U+200D are
// part of words and emoji.
const LOOKALIKE = /[\p{Bidi_Control}\u00ad\u200b\u2060\ufeff]/u;

/** A document's id in its namespace: its owner's path or key, which may contain slashes. */
export const documentId = plainText
  .refine((id) => id.length > 0, 'is empty')
  .refine((id) => !LOOKALIKE.test(id), 'has a character without width')
  .refine((id) => new TextEncoder().encode(id).length <= MAX_BYTES, `is longer than ${MAX_BYTES} bytes`)
  .refine(
    (id) => id.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..'),
    'has an empty, . or .. segment',
  );
