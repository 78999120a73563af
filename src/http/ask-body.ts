import type { Context } from 'hono';
import * as z from 'zod';
import { type Ask, CACHE_MODES, GENERATION_MODES, normaliseQuestion } from '../query/ask.ts';
import { RETRIEVAL_MODES } from '../retrieval/retrieve.ts';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';
import { readJson, readNamespace } from './read-request.ts';

const MAX_BODY_BYTES = 131_072;

const question = z.string().refine((text) => normaliseQuestion(text) !== '', 'is empty');

const shared = {
  question,
  topK: z.number().int().min(1).max(50).default(8),
  cache: z.enum(CACHE_MODES).default('default'),
  retrieval: z.enum(RETRIEVAL_MODES).default('hybrid'),
};

/** The body of `POST …/search`. */
export const searchBody = z.strictObject(shared).meta({ id: 'SearchRequest' });

/** The body of `POST …/answer`. */
export const answerBody = z
  .strictObject({ ...shared, generation: z.enum(GENERATION_MODES).default('auto') })
  .meta({ id: 'AnswerRequest' });

/** The question in the request, as the read path takes it. */
export async function readAsk(c: Context<HttpEnv>, schema: typeof searchBody | typeof answerBody): Promise<Ask> {
  const namespace = readNamespace(c);
  const body = await readJson(c, schema, MAX_BODY_BYTES);
  const maxCharacters = c.var.services.config.MAX_QUESTION_CHARACTERS;
  if (body.question.length > maxCharacters) {
    const detail = `may have at most ${maxCharacters} characters`;
    throw new ApiProblem('VALIDATION_FAILED', `/question: ${detail}`, {
      fieldErrors: [{ pointer: '/question', detail }],
    });
  }
  const generation = answerBody.shape.generation.parse('generation' in body ? body.generation : undefined);
  return { ...body, namespace, generation };
}
