import type { NewVersion } from '../catalog/documents.ts';
import type { OverQuota } from '../catalog/quotas.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { WriteServices } from './ingest-services.ts';

// The second with a version that is surely newer than what a deletion means.
const MAX_ROUNDS = 2;

/**
 * Makes the version the newest one of its document: as it was accepted then. `outrun` when somebody else was faster; or
 * the quota that it does not fit into.
 */
export async function acceptVersion(
  { catalog }: Pick<WriteServices, 'catalog'>,
  asked: { namespace: string; documentId: string; version: NewVersion; nowMs: number },
  deadline: Deadline,
): Promise<Result<NewVersion | 'outrun' | OverQuota, UpstreamError>> {
  const { namespace, documentId, nowMs } = asked;
  let { version } = asked;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const accepted = await catalog.documents.accept(namespace, documentId, version, nowMs, deadline);
    if (!accepted.ok) return accepted;
    if (accepted.value) return succeed(version);
    const verdict = await catalog.quotas.judge(namespace, documentId, version.contentBytes, deadline);
    if (!verdict.ok) return verdict;
    const { overQuota, acceptedAfter } = verdict.value;
    if (overQuota !== null) return succeed(overQuota);
    if (acceptedAfter < version.version) return succeed('outrun');
    version = { ...version, version: acceptedAfter + 1 };
  }
  return succeed('outrun');
}
