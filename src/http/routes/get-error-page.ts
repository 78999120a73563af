import type { Context } from 'hono';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { PROBLEMS, type ProblemCode } from '../problem-codes.ts';

/** What a problem object's `type` leads to. */
export function getErrorPage(c: Context<HttpEnv>) {
  const code = c.req.param('code') ?? '';
  if (!isProblemCode(code)) throw new ApiProblem('NOT_FOUND', 'There is no error with this code.');
  const { status, title, advice } = PROBLEMS[code];
  return c.text(`${code} (HTTP ${status})\n\n${title}.\n${advice}\n`);
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
