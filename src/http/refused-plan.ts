import type { PlanFailure } from '../ingest/plan-ingestion.ts';
import { ApiProblem } from './errors.ts';

/** Why it cannot be said what ingesting a document would come to: it would fail, or somebody who has to be asked does not answer. */
export function refusedPlan({ class: kind, code, message, retryAfterMs }: PlanFailure): ApiProblem {
  if (kind !== 'permanent') {
    return new ApiProblem('DRY_RUN_UNAVAILABLE', `${code}: ${message}`, { retryAfterMs: retryAfterMs ?? 2_000 });
  }
  if (code === 'DOCUMENT_EMPTY' || code === 'DOCUMENT_UNREADABLE') return new ApiProblem(code, message);
  return new ApiProblem('DOCUMENT_NOT_INGESTIBLE', `${code}: ${message}`);
}
