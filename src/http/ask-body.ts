import type { Context } from 'hono';
import * as z from 'zod';
import {
  type Ask,
  CACHE_MODES,
  GENERATION_MODES,
  hasWords,
  MAX_TOP_K,
  normaliseQuestion,
  TURN_ROLES,
} from '../query/ask.ts';
import { RETRIEVAL_MODES } from '../retrieval/retrieved.ts';
import { didYouMean } from './did-you-mean.ts';
import { invalidFields } from './errors.ts';
import { filterBody } from './filter-body.ts';
import type { HttpEnv } from './http-env.ts';
import { readJson, readNamespace } from './read-request.ts';

const MAX_BODY_BYTES = 131_072;

// The bound of MAX_QUESTION_CHARACTERS, which is itself known only with a request.
const LONGEST_QUESTION = 20_000;
const MAX_MESSAGES = 50;
// Of one of them: questions have a limit of their own, and answers are longer than questions.
const LONGEST_MESSAGE = 20_000;

const wellFormed = z.string().refine((text) => text.isWellFormed(), 'is not well-formed Unicode');

const question = wellFormed.refine(hasWords, 'has no words').meta({
  minLength: 1,
  maxLength: LONGEST_QUESTION,
  description:
    'At most 2,000 characters, unless this deployment sets `MAX_QUESTION_CHARACTERS`, counted after compatible characters (NFKC) and white space are unified. At least one letter, number or symbol.',
});

const message = z
  .strictObject({
    role: z.enum(TURN_ROLES, {
      error: ({ input }) => `must be ${TURN_ROLES.map((role) => `"${role}"`).join(' or ')}${suggestRole(input)}`,
    }),
    content: wellFormed.max(LONGEST_MESSAGE, `may have at most ${LONGEST_MESSAGE} characters`),
  })
  .meta({ id: 'Message' });

const messages = z
  .array(message)
  .min(1, 'must have at least one message')
  .max(MAX_MESSAGES, `may have at most ${MAX_MESSAGES} messages`)
  .meta({
    description:
      'Instead of `question`: a conversation whose last message is the question. What that refers to is put into it from the messages before.',
  });

const shared = {
  question: question.optional(),
  messages: messages.optional(),
  topK: z.number().int().min(1).max(MAX_TOP_K).default(8),
  cache: z.enum(CACHE_MODES).default('default'),
  retrieval: z.enum(RETRIEVAL_MODES).default('hybrid'),
  filter: filterBody.nullable().default(null),
  maxPerDocument: z.number().int().min(1).max(100).nullable().default(null),
};

/** The body of `POST …/search`. */
export const searchBody = z.strictObject(shared).meta({ id: 'SearchRequest' });

/** The body of `POST …/answer`. */
export const answerBody = z
  .strictObject({
    ...shared,
    generation: z.enum(GENERATION_MODES).default('auto'),
    stream: z.boolean().default(false).meta({ description: 'Whether the answer comes as server-sent events.' }),
  })
  .meta({ id: 'AnswerRequest' });

type Asked = Pick<z.infer<typeof searchBody>, 'question' | 'messages'>;

/** A request that was read: the question as the read path takes it, and how the answer is to come. */
export interface ReadAsk {
  ask: Ask;
  isStream: boolean;
}

export async function readAsk(c: Context<HttpEnv>, schema: typeof searchBody | typeof answerBody): Promise<ReadAsk> {
  const namespace = readNamespace(c);
  const { question, messages, ...body } = await readJson(c, schema, MAX_BODY_BYTES);
  const asked = readQuestion({ question, messages }, c.var.services.config.MAX_QUESTION_CHARACTERS);
  const { generation, stream, ...options } = { generation: 'auto' as const, stream: false, ...body };
  return { ask: { ...options, ...asked, namespace, generation }, isStream: stream };
}

/** Either form of asking as one. @throws ApiProblem VALIDATION_FAILED */
function readQuestion({ question, messages }: Asked, maxCharacters: number): Pick<Ask, 'question' | 'history'> {
  if (question !== undefined && messages !== undefined) {
    throw invalidFields([{ pointer: '/messages', detail: 'cannot stand beside `question`: give one of them' }]);
  }
  if (messages === undefined) {
    if (question === undefined) {
      throw invalidFields([{ pointer: '/question', detail: 'is missing; so is `messages`: give one of them' }]);
    }
    refuseLong(question, '/question', maxCharacters);
    return { question, history: [] };
  }
  const last = messages.at(-1);
  const at = `/messages/${messages.length - 1}`;
  if (last?.role !== 'user') {
    throw invalidFields([{ pointer: `${at}/role`, detail: 'must be "user": the last message is the question' }]);
  }
  if (!hasWords(last.content)) throw invalidFields([{ pointer: `${at}/content`, detail: 'has no words' }]);
  for (const [index, { role, content }] of messages.entries()) {
    if (role === 'user') refuseLong(content, `/messages/${index}/content`, maxCharacters);
  }
  return { question: last.content, history: messages.slice(0, -1) };
}

function refuseLong(text: string, pointer: string, maxCharacters: number): void {
  if ([...normaliseQuestion(text)].length <= maxCharacters) return;
  throw invalidFields([{ pointer, detail: `may have at most ${maxCharacters} characters` }]);
}

function suggestRole(given: unknown): string {
  const meant = typeof given === 'string' ? didYouMean(given, TURN_ROLES) : null;
  return meant === null ? '' : `; did you mean "${meant}"?`;
}
