import { costOfQuery } from '../cost/usage-cost.ts';
import { estimateTokens } from '../models/token-estimate.ts';
import type { Degradation } from '../retrieval/degradation.ts';
import type { RankedChunk } from '../retrieval/rank-chunks.ts';
import type { Retrieved } from '../retrieval/retrieved.ts';
import type { Passage, SearchResult, Usage } from './answer.ts';
import type { Ask } from './ask.ts';
import type { WrittenAnswer } from './generate-answer.ts';
import type { OpenQuestion } from './open-question.ts';
import type { QueryServices } from './query-services.ts';
import type { AssessedSupport } from './support.ts';

interface BesideModels {
  /** Commands of Redis that it took to keep to the models' rate budget. */
  budgetCommands: number;
  /** Sentences of the answer that were embedded to see whether they are supported. */
  claims?: AssessedSupport['embedding'];
}

export function numberPassages(chunks: RankedChunk[]): Passage[] {
  return chunks.map(({ chunk, score, ranks, similarity }, index) => {
    const { namespace: _namespace, version: _version, n: _n, lead: _lead, ...shown } = chunk;
    return { n: index + 1, ...shown, score, ranks, similarity };
  });
}

/** How the response was made: what every response of the read path says about itself. */
export function describeMaking(
  services: QueryServices,
  { ask, question, startedAtMs }: OpenQuestion,
  retrieved: Retrieved,
  written: (Omit<WrittenAnswer, 'shown'> & BesideModels) | null,
): Omit<SearchResult, 'id' | 'passages' | 'rewrittenQuestion'> {
  return {
    cache: {
      response: 'bypass',
      embedding: retrieved.embeddingCache,
      search: retrieved.searchCache.outcome,
      similarity: retrieved.searchCache.similarity,
    },
    servedBy: { retrieval: retrieved.servedBy, generation: written?.servedBy ?? null },
    degraded: [...retrieved.degraded, ...(written?.degraded ?? [])],
    timings: {
      rewritingMs: null,
      ...retrieved.timings,
      generationMs: written?.generationMs ?? null,
      totalMs: services.clock.nowMs() - startedAtMs,
    },
    usage: usageOf(services, { ask, question }, retrieved, written),
  };
}

function usageOf(
  services: QueryServices,
  { ask, question }: Pick<OpenQuestion, 'ask' | 'question'>,
  retrieved: Retrieved,
  written: (Pick<WrittenAnswer, 'used' | 'generation'> & BesideModels) | null,
): Usage {
  const { model } = services.embedder;
  const { vectorStores, rowsRead, rerank } = retrieved.usage;
  const embeddingTokens = retrieved.usage.embeddingTokens + (written?.claims?.tokens ?? 0);
  const used = written?.used ?? [];
  const cost = costOfQuery({
    embedding: { model: model.name, tokens: embeddingTokens },
    savedEmbeddingTokens: retrieved.embeddingCache === 'hit' ? estimateTokens(question) : 0,
    vectorSearch: { stores: vectorStores, dimensions: model.dimensions },
    rowsRead,
    redisCommands: redisCommandsOf(ask, retrieved) + (written?.budgetCommands ?? 0),
    ...kvUse(ask, written),
    rerank,
    generations: used,
  });
  return {
    embeddingTokens,
    promptTokens: sum(used.map(({ promptTokens }) => promptTokens)),
    completionTokens: sum(used.map(({ completionTokens }) => completionTokens)),
    rerankTokens: rerank?.tokens ?? 0,
    estimated:
      cost.estimated ||
      retrieved.usage.estimated ||
      (written?.claims?.estimated ?? false) ||
      (rerank?.estimated ?? false) ||
      used.some(({ estimated }) => estimated),
    costUsd: cost.costUsd,
    savedUsd: cost.savedUsd,
  };
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Those of the search cache, whose first read has the vector too, and a SET for a vector that had to be made. */
function redisCommandsOf(ask: Ask, { embeddingCache, usage }: Retrieved): number {
  const vectorWrites = usage.embeddingTokens > 0 && (embeddingCache === 'miss' || ask.cache === 'reload');
  return usage.cacheCommands + Number(vectorWrites);
}

/** Whole answers are looked for, and those that are what was asked for are kept. */
function kvUse(
  { cache, generation }: Ask,
  written: Pick<WrittenAnswer, 'generation'> | null,
): { kvReads: number; kvWrites: number } {
  const isAsAsked = written !== null && (generation !== 'auto' || written.generation === 'model');
  const isKept = isAsAsked && cache !== 'no-store';
  return { kvReads: written !== null && cache === 'default' ? 1 : 0, kvWrites: isKept ? 1 : 0 };
}

/** One event per step a response had to do without. */
export function reportDegradation(services: QueryServices, ask: Ask, requestId: string, degraded: Degradation[]): void {
  for (const { step, reason } of degraded) {
    services.telemetry.emit({
      event: 'answer.degraded',
      requestId,
      namespace: ask.namespace,
      step,
      reason,
    });
  }
}
