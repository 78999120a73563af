import * as z from 'zod';

const MAX_BYTES = 512;

// C0, C1 and the bidirectional controls, which make one id look like another in a log.
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** A document's id in its namespace: its owner's path or key, which may contain slashes. */
export const documentId = z
  .string()
  .refine((id) => id.isWellFormed(), 'is not well-formed Unicode')
  .refine((id) => id.length > 0, 'is empty')
  .refine((id) => new TextEncoder().encode(id).length <= MAX_BYTES, `is longer than ${MAX_BYTES} bytes`)
  .refine((id) => !CONTROL.test(id), 'has a control character')
  .refine(
    (id) => id.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..'),
    'has an empty, . or .. segment',
  );
