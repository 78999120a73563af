import type { Context } from 'hono';
import type { Answer } from '../query/answer.ts';
import type { Ask } from '../query/ask.ts';
import type { QueryFailure } from '../query/query-failure.ts';
import type { Result } from '../result.ts';
import type { Degradation } from '../retrieval/degradation.ts';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';

/** The answer as it may go out, and is counted. @throws ApiProblem when there is none, or no such namespace */
export async function acceptAnswer(
  c: Context<HttpEnv>,
  { namespace }: Ask,
  answered: Result<Answer, QueryFailure>,
): Promise<Answer> {
  if (!answered.ok) throw unanswered(answered.error);
  await refuseUnknownNamespace(c, namespace, answered.value.passages.length);
  c.var.services.noteCacheUse(namespace, answered.value.cache);
  return answered.value;
}

/** Why a question has no answer; the detail names each step that failed. */
export function unanswered(failure: QueryFailure): ApiProblem {
  const steps = stepsOf(failure.degraded);
  switch (failure.kind) {
    case 'retrieval-unavailable': {
      const { retryAfterMs } = failure;
      return new ApiProblem('RETRIEVAL_UNAVAILABLE', `Nothing could be searched: ${steps}.`, { retryAfterMs });
    }
    case 'generation-interrupted':
      return new ApiProblem('GENERATION_INTERRUPTED', `The model ended in the middle of the answer: ${steps}.`, {
        retryAfterMs: 0,
      });
    case 'sources-changed':
      return new ApiProblem('SOURCES_CHANGED', 'A document was changed or deleted while the answer was told from it.', {
        retryAfterMs: 0,
      });
    case 'left':
      return new ApiProblem('CLIENT_LEFT', 'The client has left before the answer was there.');
  }
}

function stepsOf(degraded: readonly Degradation[]): string {
  return degraded.map(({ step, reason }) => `${step} (${reason})`).join(', ');
}

/**
 * 404 when nothing was found because the namespace does not exist. Asked only after an empty result, so that a
 * question with passages costs no read for it; a catalog that cannot be asked leaves the empty result as it is.
 */
export async function refuseUnknownNamespace(c: Context<HttpEnv>, namespace: string, found: number): Promise<void> {
  if (found > 0) return;
  const exists = await c.var.services.namespaceExists(namespace);
  if (exists.ok && !exists.value) throw noSuchNamespace(namespace);
}

export function noSuchNamespace(namespace: string): ApiProblem {
  const detail = `There is no namespace "${namespace}": the first PUT of a document creates it.`;
  return new ApiProblem('NAMESPACE_NOT_FOUND', detail);
}
