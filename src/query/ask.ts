import type { CacheMode } from '../cache/cached-embedder.ts';
import type { MetadataFilter } from '../retrieval/filters/metadata-filter.ts';
import type { RetrievalMode } from '../retrieval/retrieved.ts';

export const CACHE_MODES = ['default', 'no-store', 'reload'] as const satisfies readonly CacheMode[];
export const GENERATION_MODES = ['auto', 'extractive', 'none'] as const;
export type GenerationMode = (typeof GENERATION_MODES)[number];

/** One question to one namespace, validated. */
export interface Ask {
  namespace: string;
  question: string;
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
