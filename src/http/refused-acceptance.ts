import type { AcceptFailure } from '../ingest/accept-document.ts';
import { describeOverQuota } from '../ingest/describe-over-quota.ts';
import { ApiProblem } from './errors.ts';
import type { ProblemCode } from './problem-codes.ts';

/** What a route that takes documents lists for these. */
export const ACCEPTANCE_PROBLEMS = [
  'DOCUMENT_EMPTY',
  'QUOTA_EXCEEDED',
  'INGESTION_OVERLOADED',
] as const satisfies ProblemCode[];

/** Why a document was not accepted, as the problem to answer with. */
export function refusedAcceptance(failure: AcceptFailure): ApiProblem {
  switch (failure.kind) {
    case 'unprocessable':
      return new ApiProblem(failure.code, failure.message);
    case 'over-quota':
      return new ApiProblem('QUOTA_EXCEEDED', describeOverQuota(failure));
    case 'overloaded':
      return new ApiProblem('INGESTION_OVERLOADED', failure.message, { retryAfterMs: failure.retryAfterMs });
    case 'unavailable':
      return new ApiProblem('STORAGE_UNAVAILABLE', 'It is not known whether the document was accepted.', {
        retryAfterMs: failure.retryAfterMs,
      });
  }
}
