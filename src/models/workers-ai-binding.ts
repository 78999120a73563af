import { BadAnswerError } from '../resilience/bad-answer.ts';

/**
 * What Vigil asks of the `AI` binding. Its published type knows neither model names that come from configuration nor
 * `rejectIfBusy`, which the runtime passes on (https://developers.cloudflare.com/workers-ai/features/reject-if-busy/).
 */
export interface WorkersAiBinding {
  run(
    model: string,
    inputs: Record<string, unknown>,
    options?: { signal?: AbortSignal; rejectIfBusy?: boolean; gateway?: { id: string } },
  ): Promise<unknown>;
  toMarkdown(file: { name: string; blob: Blob }, options: Record<string, unknown>): Promise<unknown>;
}

export const WORKERS_AI = 'workers-ai';

/** Capacity and rate limits are a model's own: a busy text model says nothing of the embedding model. */
export function workersAiCircuit(model: string): string {
  return `${WORKERS_AI}:${model}`;
}

/** The model's answer. Whatever is not JSON comes as a stream, which must not stay open when nobody reads it. */
export async function runModel(
  ai: Pick<WorkersAiBinding, 'run'>,
  ...call: Parameters<WorkersAiBinding['run']>
): Promise<unknown> {
  const answer = await ai.run(...call);
  if (!(answer instanceof ReadableStream)) return answer;
  await answer.cancel();
  throw new BadAnswerError('a stream where JSON was expected');
}
