import type { Clock } from '../../src/clock.ts';
import { type AiFailure, INTERNAL_ERROR } from './ai-errors.ts';
import { type AiModel, CONTEXT_WINDOW_TOKENS, type TextModel } from './ai-models.ts';
import { EmbeddingInputs, GenerationInputs, parseInputs, RerankInputs } from './ai-requests.ts';
import { type EmbeddingPool, LOCAL_EMBEDDING_DIMENSIONS } from './embedding-pool.ts';
import { rerank } from './term-overlap-reranker.ts';
import {
  chatBody,
  chatFrames,
  chatIdentity,
  countPromptTokens,
  generateAnswer,
  legacyBody,
  legacyFrames,
} from './text-generation.ts';
import { countTokens } from './tokens.ts';

export type RunOutcome =
  | { kind: 'json'; body: object; neurons: number }
  | { kind: 'stream'; frames: Iterable<string>; neurons: number }
  | { kind: 'failed'; failure: AiFailure };

export interface ModelRunnerOptions {
  embeddings: Pick<EmbeddingPool, 'embed'>;
  clock: Clock;
  seed: number;
}

/** Runs one model on inputs as the caller sent them. Once `signal` is aborted, nobody wants what comes of it. */
export async function runModel(
  name: string,
  model: AiModel,
  inputs: unknown,
  options: ModelRunnerOptions & { signal: AbortSignal },
): Promise<RunOutcome> {
  switch (model.task) {
    case 'embed':
      return embed(model.neuronsPerMillionInput, inputs, options);
    case 'rerank':
      return rankContexts(model.neuronsPerMillionInput, inputs, options);
    case 'generate':
      return generate(name, model, inputs, options);
    default:
      return model satisfies never;
  }
}

async function embed(
  neuronsPerMillion: number,
  inputs: unknown,
  { embeddings }: ModelRunnerOptions,
): Promise<RunOutcome> {
  const parsed = parseInputs(EmbeddingInputs, inputs);
  if (!parsed.ok) return { kind: 'failed', failure: parsed.error };
  const texts = parsed.value.text;
  const vectors = await unlessModelFails(embeddings.embed(texts));
  if (!vectors) return { kind: 'failed', failure: INTERNAL_ERROR };
  return {
    kind: 'json',
    body: {
      shape: [vectors.length, LOCAL_EMBEDDING_DIMENSIONS],
      data: vectors.map((vector) => Array.from(vector)),
      pooling: 'mean',
    },
    neurons: neuronsFor(texts, neuronsPerMillion),
  };
}

async function rankContexts(
  neuronsPerMillion: number,
  inputs: unknown,
  { embeddings }: ModelRunnerOptions,
): Promise<RunOutcome> {
  const parsed = parseInputs(RerankInputs, inputs);
  if (!parsed.ok) return { kind: 'failed', failure: parsed.error };
  const { query, contexts, top_k: topK = contexts.length } = parsed.value;
  const texts = contexts.map((context) => context.text);
  const ranked = await unlessModelFails(rerank(query, texts, embeddings));
  if (!ranked) return { kind: 'failed', failure: INTERNAL_ERROR };
  return {
    kind: 'json',
    body: { response: ranked.slice(0, topK) },
    // The query is read again with each context.
    neurons: neuronsFor([...texts, ...texts.map(() => query)], neuronsPerMillion),
  };
}

async function generate(
  name: string,
  model: TextModel,
  inputs: unknown,
  options: ModelRunnerOptions & { signal: AbortSignal },
): Promise<RunOutcome> {
  const parsed = parseInputs(GenerationInputs, inputs);
  if (!parsed.ok) return { kind: 'failed', failure: parsed.error };
  const request = parsed.value;
  const wantedTokens = countPromptTokens(request) + request.maxTokens;
  if (wantedTokens > CONTEXT_WINDOW_TOKENS) return { kind: 'failed', failure: contextWindowExceeded(wantedTokens) };

  const answer = await unlessModelFails(generateAnswer(request, options.embeddings, options.signal));
  if (!answer) return { kind: 'failed', failure: INTERNAL_ERROR };
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = answer.usage;
  const neurons =
    (promptTokens * model.neuronsPerMillionInput + completionTokens * model.neuronsPerMillionOutput) / 1_000_000;
  if (model.dialect === 'legacy') {
    if (!request.isStream) return { kind: 'json', body: legacyBody(answer), neurons };
    return { kind: 'stream', frames: legacyFrames(answer, options.seed), neurons };
  }
  const identity = chatIdentity(name, request, options.clock.nowMs(), options.seed);
  if (!request.isStream) return { kind: 'json', body: chatBody(answer, identity), neurons };
  return { kind: 'stream', frames: chatFrames(answer, identity, request.includeUsage), neurons };
}

function contextWindowExceeded(tokens: number): AiFailure {
  return {
    code: 5021,
    description: `The estimated number of input and maximum output tokens (${tokens}) exceeded this model context window limit (${CONTEXT_WINDOW_TOKENS}).`,
  };
}

function neuronsFor(texts: string[], perMillion: number): number {
  return (texts.reduce((sum, text) => sum + countTokens(text), 0) * perMillion) / 1_000_000;
}

/** The embedding threads can die (out of memory) or be closed under a run; a caller sees that as the vendor's 3043. */
async function unlessModelFails<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch {
    return null;
  }
}
