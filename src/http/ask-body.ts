import type { Context } from 'hono';
import * as z from 'zod';
import { type Ask, CACHE_MODES, GENERATION_MODES, normaliseQuestion } from '../query/ask.ts';
import { RETRIEVAL_MODES } from '../retrieval/retrieved.ts';
import { invalidFields } from './errors.ts';
import { filterBody } from './filter-body.ts';
import type { HttpEnv } from './http-env.ts';
import { readJson, readNamespace } from './read-request.ts';

const MAX_BODY_BYTES = 131_072;

// Without one of these there is nothing to look for: "?", or characters nobody sees.
const WORD = /[\p{L}\p{N}\p{S}]/u;

// The bound of MAX_QUESTION_CHARACTERS, which is itself known only with a request.
const LONGEST_QUESTION = 20_000;

const question = z
  .string()
  .refine((text) => text.isWellFormed(), 'is not well-formed Unicode')
  .refine((text) => WORD.test(normaliseQuestion(text)), 'has no words')
  .meta({
    minLength: 1,
    maxLength: LONGEST_QUESTION,
    description:
      'At most 2,000 characters, unless this deployment sets `MAX_QUESTION_CHARACTERS`, counted after compatible characters (NFKC) and white space are unified. At least one letter, number or symbol.',
  });

const shared = {
  question,
  topK: z.number().int().min(1).max(100).default(8),
  cache: z.enum(CACHE_MODES).default('default'),
  retrieval: z.enum(RETRIEVAL_MODES).default('hybrid'),
  filter: filterBody.nullable().default(null),
  maxPerDocument: z.number().int().min(1).max(100).nullable().default(null),
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
  if ([...normaliseQuestion(body.question)].length > maxCharacters) {
    throw invalidFields([{ pointer: '/question', detail: `may have at most ${maxCharacters} characters` }]);
  }
  const generation = answerBody.shape.generation.parse('generation' in body ? body.generation : undefined);
  return { ...body, namespace, generation };
}
