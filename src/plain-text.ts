import * as z from 'zod';

// C0, C1 and the bidirectional controls, which make one text look like another in a log or a list of sources.
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Well-formed text that can be shown on one line: what names, titles and metadata are made of. */
export const plainText = z
  .string()
  .refine((text) => text.isWellFormed(), 'is not well-formed Unicode')
  .refine((text) => !CONTROL.test(text), 'has a control character');
