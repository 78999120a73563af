import { createHash } from 'node:crypto';
import { cosineOf } from '../../src/models/cosine.ts';
import type { GenerationRequest } from './ai-requests.ts';
import type { EmbeddingPool } from './embedding-pool.ts';
import { rewriteFollowUp } from './follow-up.ts';
import { composeAnswer, type Nearness, readingOf } from './passage-composer.ts';
import { countTokens, tokensOf } from './tokens.ts';

/** `legacy` is the llama family's shape, `chat` OpenAI's chat completion. */
export type Dialect = 'legacy' | 'chat';

export interface GeneratedAnswer {
  tokens: string[];
  finishReason: 'stop' | 'length';
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

interface ChatIdentity {
  id: string;
  created: number;
  model: string;
}

const PADDING_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const END_OF_STREAM = 'data: [DONE]\n\n';

export function countPromptTokens(request: GenerationRequest): number {
  return request.messages.reduce((sum, message) => sum + countTokens(message.content), 0);
}

/** Rejects when the model fails, and when the client leaves while it reads. */
export async function generateAnswer(
  request: GenerationRequest,
  embeddings: Pick<EmbeddingPool, 'embed'>,
  signal: AbortSignal,
): Promise<GeneratedAnswer> {
  const { messages } = request;
  const text = rewriteFollowUp(messages) ?? composeAnswer(messages, await nearnessFor(messages, embeddings, signal));
  const wanted = tokensOf(text);
  const tokens = wanted.slice(0, request.maxTokens);
  const promptTokens = countPromptTokens(request);
  return {
    tokens,
    finishReason: tokens.length < wanted.length ? 'length' : 'stop',
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: tokens.length,
      total_tokens: promptTokens + tokens.length,
    },
  };
}

async function nearnessFor(
  messages: GenerationRequest['messages'],
  embeddings: Pick<EmbeddingPool, 'embed'>,
  signal: AbortSignal,
): Promise<Nearness> {
  const { question, texts } = readingOf(messages);
  if (texts.length === 0) return new Map();
  const [asked, ...vectors] = await embeddings.embed([question, ...texts], { priority: 'reading', signal });
  return new Map(
    texts.map((text, index) => {
      const vector = vectors[index];
      if (asked === undefined || vector === undefined) throw new Error('the engine returned fewer vectors than texts');
      return [text, cosineOf(asked, vector)];
    }),
  );
}

/** The same inputs, model and seed give the same id, so that a run can be repeated byte by byte. */
export function chatIdentity(model: string, request: GenerationRequest, nowMs: number, seed: number): ChatIdentity {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, model, request]))
    .digest('hex');
  return { id: `chatcmpl-${digest.slice(0, 32)}`, created: Math.floor(nowMs / 1000), model };
}

export function legacyBody(answer: GeneratedAnswer): object {
  return { response: answer.tokens.join(''), usage: answer.usage };
}

export function chatBody(answer: GeneratedAnswer, identity: ChatIdentity): object {
  return {
    ...identity,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.tokens.join(''), refusal: null },
        finish_reason: answer.finishReason,
        logprobs: null,
      },
    ],
    usage: answer.usage,
  };
}

/** `p` is padding of changing length, which hides the length of a token from who listens on the wire. */
export function* legacyFrames(answer: GeneratedAnswer, seed: number): Generator<string> {
  for (const [index, response] of answer.tokens.entries()) {
    const length = 1 + ((((index + 1) * 7 + seed) >>> 0) % PADDING_LETTERS.length);
    yield frame({ response, p: PADDING_LETTERS.slice(0, length) });
  }
  yield END_OF_STREAM;
}

export function* chatFrames(answer: GeneratedAnswer, identity: ChatIdentity, includeUsage: boolean): Generator<string> {
  const chunk = (delta: object, finishReason: string | null) =>
    frame({
      ...identity,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }],
      ...(includeUsage ? { usage: null } : {}),
    });
  yield chunk({ role: 'assistant', content: '' }, null);
  for (const content of answer.tokens) yield chunk({ content }, null);
  yield chunk({}, answer.finishReason);
  if (includeUsage) yield frame({ ...identity, object: 'chat.completion.chunk', choices: [], usage: answer.usage });
  yield END_OF_STREAM;
}

function frame(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
