import { plainText } from '../plain-text.ts';

const MAX_BYTES = 512;

/** A document's id in its namespace: its owner's path or key, which may contain slashes. */
export const documentId = plainText
  .refine((id) => id.length > 0, 'is empty')
  .refine((id) => new TextEncoder().encode(id).length <= MAX_BYTES, `is longer than ${MAX_BYTES} bytes`)
  .refine(
    (id) => id.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..'),
    'has an empty, . or .. segment',
  );
