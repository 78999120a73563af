import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { PROBLEMS, type ProblemCode } from '../problem-codes.ts';
import { OPEN_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const SCHEMA = {
  operationId: 'getErrorPage',
  tags: ['Operation'],
  summary: 'Read what an error code means and what to do about it',
  security: [],
  request: { params: z.object({ code: z.string().meta({ example: 'RATE_LIMITED' }) }) },
  responses: {
    200: response('Its status, title and advice.', 'text/plain', z.string()),
    ...problemResponses(...OPEN_PROBLEMS, 'NOT_FOUND'),
  },
};

/** What a problem object's `type` leads to. */
export class GetErrorPage extends OpenAPIRoute {
  override schema = SCHEMA;

  override handle(c: Context<HttpEnv>) {
    const code = c.req.param('code') ?? '';
    if (!isProblemCode(code)) throw new ApiProblem('NOT_FOUND', 'There is no error with this code.');
    // Their texts as types would be too many combinations for the compiler.
    const { status, title, advice }: Record<'title' | 'advice', string> & { status: number } = PROBLEMS[code];
    // Spelled out as a type of its own, the page would be one literal for every combination of the table's texts.
    const page: string = `${code} (HTTP ${status})\n\n${title}.\n${advice}\n`;
    return c.text(page);
  }
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
