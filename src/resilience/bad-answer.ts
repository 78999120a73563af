import * as z from 'zod';

/** The vendor answered, but not with what its documentation promises: as bad as no answer. */
export class BadAnswerError extends Error {
  override name = 'BadAnswerError';
}

/** Reads a vendor's answer by its schema; what does not fit throws `BadAnswerError` without quoting the answer. */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.slice(0, 3).map((issue) => z.core.toDotPath(issue.path) || '(top level)');
  throw new BadAnswerError(`the answer does not fit its schema at ${where.join(', ')}`);
}
