import * as z from 'zod';
import { BadAnswerError, parseAnswer } from '../resilience/bad-answer.ts';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import type { Embedder, EmbeddingModel } from './embedder.ts';
import { estimateTokens } from './token-estimate.ts';
import { runModel, WORKERS_AI, type WorkersAiBinding, workersAiCircuit } from './workers-ai-binding.ts';
import { classifyWorkersAiError } from './workers-ai-errors.ts';

// Checked in one go: a schema for each of a hundred thousand numbers takes longer than all else that is done with them.
const numbers = z.custom<number[]>((value) => Array.isArray(value) && value.every((one) => Number.isFinite(one)));

const answerSchema = z.object({
  data: z.array(numbers),
  usage: z.object({ prompt_tokens: z.number().optional(), total_tokens: z.number().optional() }).nullish(),
});

export interface WorkersAiEmbedderOptions {
  ai: Pick<WorkersAiBinding, 'run'>;
  model: EmbeddingModel;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

/** One embedding model of Workers AI. Vectors leave it with unit length, whatever the model's own habit. */
export function createWorkersAiEmbedder({ ai, model, callUpstream, timeoutMs }: WorkersAiEmbedderOptions): Embedder {
  return {
    model,

    embed(texts, deadline) {
      const call = {
        dependency: WORKERS_AI,
        circuit: workersAiCircuit(model.name),
        operation: 'embed',
        idempotent: true,
        deadline,
        timeoutMs,
        classify: classifyWorkersAiError,
      };
      return callUpstream(call, async (signal) => {
        // The two poolings of the BGE family do not understand each other, so it is never left to a default.
        const pooling = model.pooling === 'default' ? {} : { pooling: model.pooling };
        const truncation = model.mustAskForTruncation ? { truncate_inputs: true } : {};
        const answer = parseAnswer(
          answerSchema,
          await runModel(ai, model.name, { text: texts, ...pooling, ...truncation }, { signal }),
        );
        if (answer.data.length !== texts.length) throw new BadAnswerError('another number of vectors than texts');
        const billed = answer.usage?.total_tokens ?? answer.usage?.prompt_tokens ?? null;
        return {
          vectors: answer.data.map((values) => unitVector(values, model.dimensions)),
          tokens: billed ?? texts.reduce((sum, text) => sum + estimateTokens(text), 0),
          estimated: billed === null,
        };
      });
    },
  };
}

function unitVector(values: number[], dimensions: number): Float32Array {
  if (values.length !== dimensions) throw new BadAnswerError('a vector of another model’s dimensions');
  const length = Math.hypot(...values);
  if (length === 0) throw new BadAnswerError('a vector without a direction');
  const unit = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at += 1) unit[at] = (values[at] ?? 0) / length;
  return unit;
}
