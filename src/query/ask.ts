import type { CacheMode } from '../cache/cached-embedder.ts';
import type { MetadataFilter } from '../retrieval/filters/metadata-filter.ts';
import type { RetrievalMode } from '../retrieval/retrieved.ts';

export const CACHE_MODES = ['default', 'no-store', 'reload'] as const satisfies readonly CacheMode[];
export const MAX_TOP_K = 100;
export const GENERATION_MODES = ['auto', 'extractive', 'none'] as const;
export type GenerationMode = (typeof GENERATION_MODES)[number];

export const TURN_ROLES = ['user', 'assistant'] as const;

/** What was said before in a conversation. */
export interface Turn {
  role: (typeof TURN_ROLES)[number];
  content: string;
}

/** One question to one namespace, validated. */
export interface Ask {
  namespace: string;
  /** As it was asked: the last of its conversation. */
  question: string;
  /** Of the conversation, before the question; empty outside one. */
  history: readonly Turn[];
  topK: number;
  cache: CacheMode;
  retrieval: RetrievalMode;
  generation: GenerationMode;
  filter: MetadataFilter | null;
  maxPerDocument: number | null;
}

/**
 * The question in the form that is embedded and searched: compatible characters unified, controls and runs of white
 * space made one space. Its case stays: models read it. May come out empty.
 */
export function normaliseQuestion(question: string): string {
  return question
    .toWellFormed()
    .normalize('NFKC')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

// Without one of these there is nothing to look for: "?", or characters nobody sees.
const WORD = /[\p{L}\p{N}\p{S}]/u;

export function hasWords(text: string): boolean {
  return WORD.test(normaliseQuestion(text));
}
