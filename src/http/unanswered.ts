import type { Context } from 'hono';
import type { QueryFailure } from '../query/query-failure.ts';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';

/** Every way to search that was asked for failed within the deadline; the detail names each. */
export function retrievalUnavailable({ retryAfterMs, degraded }: QueryFailure): ApiProblem {
  const steps = degraded.map(({ step, reason }) => `${step} (${reason})`).join(', ');
  return new ApiProblem('RETRIEVAL_UNAVAILABLE', `Nothing could be searched: ${steps}.`, { retryAfterMs });
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
