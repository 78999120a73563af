import type { Dialect } from './text-generation.ts';

export interface TextModel {
  task: 'generate';
  dialect: Dialect;
  neuronsPerMillionInput: number;
  neuronsPerMillionOutput: number;
}

export type AiModel = { task: 'embed' | 'rerank'; neuronsPerMillionInput: number } | TextModel;

/** Input and output together; llama-3.3-70b has the same. */
export const CONTEXT_WINDOW_TOKENS = 24_000;

/**
 * Neurons are those of the production model that each one stands for (bge-m3, bge-reranker-base, gemma-4-26b):
 * https://developers.cloudflare.com/workers-ai/platform/pricing/
 */
const MODELS: Readonly<Record<string, AiModel>> = {
  'local/all-MiniLM-L6-v2': { task: 'embed', neuronsPerMillionInput: 1_075 },
  'local/term-overlap-reranker': { task: 'rerank', neuronsPerMillionInput: 283 },
  'local/passage-composer': {
    task: 'generate',
    dialect: 'legacy',
    neuronsPerMillionInput: 9_091,
    neuronsPerMillionOutput: 27_273,
  },
  'local/passage-composer-chat': {
    task: 'generate',
    dialect: 'chat',
    neuronsPerMillionInput: 9_091,
    neuronsPerMillionOutput: 27_273,
  },
};

export function aiModelNamed(name: string): AiModel | null {
  return Object.hasOwn(MODELS, name) ? (MODELS[name] ?? null) : null;
}

/** What a run is counted as, and made to fail as. An unknown model is judged by its inputs, a malformed body is `run`. */
export function operationOf(body: unknown): 'embed' | 'rerank' | 'generate' | 'run' {
  if (!isRecord(body)) return 'run';
  const { model, inputs } = body;
  const known = typeof model === 'string' ? aiModelNamed(model) : null;
  if (known) return known.task;
  if (!isRecord(inputs)) return 'run';
  if ('contexts' in inputs) return 'rerank';
  if ('text' in inputs) return 'embed';
  return 'messages' in inputs || 'prompt' in inputs ? 'generate' : 'run';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
