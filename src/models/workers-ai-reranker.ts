import * as z from 'zod';
import { BadAnswerError, parseAnswer } from '../resilience/bad-answer.ts';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import type { RerankedPassages, Reranker } from './reranker.ts';
import { estimateTokens } from './token-estimate.ts';
import { runModel, WORKERS_AI, type WorkersAiBinding, workersAiCircuit } from './workers-ai-binding.ts';
import { classifyWorkersAiError } from './workers-ai-errors.ts';

// `id` is the index of the context as it was sent; the order of the answer is the model's.
const answerSchema = z.object({
  response: z.array(z.object({ id: z.number().int().nonnegative(), score: z.number() })),
  usage: z.object({ total_tokens: z.number().optional() }).nullish(),
});

export interface WorkersAiRerankerOptions {
  ai: Pick<WorkersAiBinding, 'run'>;
  model: string;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

/** One reranking model of Workers AI. Scores leave it between 0 and 1, whatever scale the service prints. */
export function createWorkersAiReranker({ ai, model, callUpstream, timeoutMs }: WorkersAiRerankerOptions): Reranker {
  return {
    name: model,

    rerank(question, passages, deadline) {
      const call = {
        dependency: WORKERS_AI,
        circuit: workersAiCircuit(model),
        operation: 'rerank',
        deadline,
        timeoutMs,
        classify: classifyWorkersAiError,
      };
      return callUpstream(call, async (signal) => {
        const contexts = passages.map(({ text }) => ({ text }));
        const inputs = { query: question, contexts, top_k: contexts.length };
        const answer = parseAnswer(answerSchema, await runModel(ai, model, inputs, { signal, rejectIfBusy: true }));
        const billed = answer.usage?.total_tokens ?? null;
        return {
          scores: scoresById(answer.response, passages),
          // The question is read again with each passage.
          tokens:
            billed ?? passages.reduce((sum, { text }) => sum + estimateTokens(text) + estimateTokens(question), 0),
          estimated: billed === null,
        };
      });
    },
  };
}

function scoresById(
  ranked: { id: number; score: number }[],
  passages: readonly { id: string }[],
): RerankedPassages['scores'] {
  const scores = ranked.map(({ id: index, score }) => {
    const passage = passages[index];
    if (passage === undefined) throw new BadAnswerError('a score for no passage of the call');
    return { id: passage.id, score };
  });
  if (new Set(scores.map(({ id }) => id)).size < scores.length) throw new BadAnswerError('two scores for a passage');
  return toUnitScale(scores);
}

// The model's page says its raw scores map to 0–1 by a sigmoid, not whether the service has done so. It keeps the order.
function toUnitScale(scores: RerankedPassages['scores']): RerankedPassages['scores'] {
  if (scores.every(({ score }) => score >= 0 && score <= 1)) return scores;
  return scores.map(({ id, score }) => ({ id, score: 1 / (1 + Math.exp(-score)) }));
}
