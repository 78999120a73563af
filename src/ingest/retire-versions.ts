import { toldToForgetBefore } from '../catalog/document-stores.ts';
import { askOnce, confirmedStores } from './await-visibility.ts';
import { confirmRemovals } from './confirm-removals.ts';
import { type IngestJob, type JobEnd, ongoing } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { reportProgress, stepDeadline } from './lease-deadline.ts';
import { endAll, type Removal, removeEverywhere, unended } from './remove-everywhere.ts';

/**
 * Removes what is left of the versions before the live one, or before the newest when none is live: everywhere else
 * first, and from the catalog only when nothing of them is found anywhere. Nobody waits for that: a store that shows it
 * later is asked later.
 */
export async function retireVersions(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const succeeding = ongoing(jobs).filter((job) => job.record.olderVersions > 0);
  await reportProgress(services, succeeding);
  const removals = ongoing(succeeding).map(retirementOf);
  await removeEverywhere(services, removals);
  await askOnce(services, unended(removals));
  for (const removal of unended(removals)) {
    if (confirmedStores(services, removal) < services.stores.length) removal.job.end = { kind: 'waiting' };
  }
  const clean = await confirmRemovals(services, unended(removals));
  if (clean.length === 0) return;
  const leases = clean.map(({ job }) => job.lease);
  const forgotten = await services.catalog.versions.forgetOlder(leases, stepDeadline(services));
  if (!forgotten.ok) endAll(clean, forgotten.error);
}

/** The same of jobs that will be tried again, whose ends stay: what was deleted goes, however long that takes. */
export async function retireDespiteFailure(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const unlucky = jobs.filter(({ end, record }) => record.liveVersion === null && willBeTriedAgain(end));
  await retireVersions(
    services,
    unlucky.map((job) => ({ ...job, end: null })),
  );
}

function willBeTriedAgain(end: JobEnd | null): boolean {
  return end?.kind === 'failed' && end.error.class !== 'permanent';
}

function retirementOf(job: IngestJob): Removal {
  const { record } = job;
  const kept = oldestKept(job);
  const notedAs = toldToForgetBefore(kept);
  const told = record.holdings.filter(({ version }) => version === notedAs);
  const holdings = new Map(told.map((held) => [held.store, held]));
  return { job, record, last: kept - 1, notedAs, holdings, chunkIds: [], objectKeys: [] };
}

// Of one that has failed over another one, that one still answers.
function oldestKept({ record, lease }: IngestJob): number {
  return record.state === 'failed' && record.liveVersion !== null ? record.liveVersion : lease.version;
}
