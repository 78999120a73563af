import type { Answer } from '../../src/query/answer.ts';

/** A whole answer, made from one passage by a model. */
export function anAnswer(parts: Partial<Answer> = {}): Answer {
  return {
    id: 'answer-1',
    answer: 'The limit is one megabyte.',
    refused: false,
    reason: null,
    rewrittenQuestion: null,
    citations: [],
    passages: [],
    generation: 'model',
    support: null,
    cache: { response: 'miss', embedding: 'miss', search: 'miss', similarity: null },
    servedBy: { retrieval: 'vectorize', generation: 'model' },
    degraded: [],
    timings: { rewritingMs: null, embeddingMs: 1, retrievalMs: 2, generationMs: 3, totalMs: 6 },
    usage: {
      embeddingTokens: 4,
      promptTokens: 100,
      completionTokens: 10,
      rerankTokens: 0,
      estimated: false,
      costUsd: 0.00001,
      savedUsd: 0,
    },
    ...parts,
  };
}
