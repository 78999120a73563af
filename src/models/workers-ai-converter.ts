import * as z from 'zod';
import { parseAnswer } from '../resilience/bad-answer.ts';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import { messageOf } from '../resilience/classify-common.ts';
import type { ClassifyError } from '../resilience/upstream-error.ts';
import type { DocumentConverter } from './document-converter.ts';
import { WORKERS_AI, type WorkersAiBinding, workersAiCircuit } from './workers-ai-binding.ts';
import { classifyWorkersAiError } from './workers-ai-errors.ts';

// https://developers.cloudflare.com/workers-ai/features/markdown-conversion/usage/binding/
const answerSchema = z.discriminatedUnion('format', [
  z.object({ format: z.literal('markdown'), data: z.string() }),
  z.object({ format: z.literal('text'), data: z.string() }),
  z.object({ format: z.literal('error'), error: z.string() }),
]);

// What software made a PDF says nothing of what is in it.
const OPTIONS = { conversionOptions: { pdf: { metadata: false } } };

export interface WorkersAiConverterOptions {
  ai: Pick<WorkersAiBinding, 'toMarkdown'>;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

class ConversionRefused extends Error {
  override name = 'ConversionRefused';
}

const classify: ClassifyError = (error) => {
  if (!(error instanceof ConversionRefused)) return classifyWorkersAiError(error);
  return { class: 'permanent', code: 'CONVERSION_FAILED', message: messageOf(error) };
};

/** The Markdown conversion of Workers AI. */
export function createWorkersAiConverter({
  ai,
  callUpstream,
  timeoutMs,
}: WorkersAiConverterOptions): DocumentConverter {
  return {
    convert({ name, mediaType, bytes }, deadline) {
      const call = {
        dependency: WORKERS_AI,
        circuit: workersAiCircuit('to-markdown'),
        operation: 'convert',
        idempotent: true,
        deadline,
        timeoutMs,
        classify,
      };
      return callUpstream(call, async () => {
        const blob = new Blob([bytes], { type: mediaType });
        const answer = parseAnswer(answerSchema, await ai.toMarkdown({ name, blob }, OPTIONS));
        if (answer.format === 'error') throw new ConversionRefused(answer.error);
        return answer.data;
      });
    },
  };
}
