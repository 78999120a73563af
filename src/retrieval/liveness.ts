import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

/** Indexes are late with deletes and new versions; the catalog is not. */
export interface Liveness {
  /** The version answers may come from, for each of the documents that has one. */
  liveVersions(
    namespace: string,
    documentIds: string[],
    deadline: Deadline,
  ): Promise<Result<Map<string, number>, UpstreamError>>;
}
