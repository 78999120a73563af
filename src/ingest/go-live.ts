import { askOnce, awaitVisibility, confirmedStores } from './await-visibility.ts';
import { endWith, type IngestJob, ongoing } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';

/** Waits until queries see the documents, notes which stores show them, and lets answers come from them. */
export async function goLive(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const written = ongoing(jobs);
  await noteWhatIsConfirmedBy(services, written, () =>
    awaitVisibility(services, written, (job) => isWorthSwitching(services, job)),
  );
  for (const job of ongoing(written)) {
    if (confirmedStores(services, job) === 0) job.end = { kind: 'waiting' };
  }
  await switchOver(services, ongoing(written));
}

/** The same for documents that queries see by now, without waiting for the others. */
export async function goLiveIfSeen(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const hidden = ongoing(jobs).filter((job) => !job.isLive);
  await noteWhatIsConfirmedBy(services, hidden, () => askOnce(services, hidden));
  const seen = ongoing(hidden).filter((job) => isWorthSwitching(services, job));
  await switchOver(services, seen);
}

async function noteWhatIsConfirmedBy(
  services: IngestServices,
  jobs: IngestJob[],
  look: () => Promise<void>,
): Promise<void> {
  const before = new Map(jobs.map((job) => [job, confirmedStores(services, job)]));
  await look();
  const changed = jobs.filter((job) => confirmedStores(services, job) > (before.get(job) ?? 0));
  await noteConfirmed(services, changed);
}

// One store is enough for a document that has been in none. A version that is being replaced stays until all show the
// new one, as far as the budget allows.
function isWorthSwitching(services: IngestServices, job: IngestJob): boolean {
  const writtenStores = services.stores.length - job.storeErrors.size;
  const isReplacing = job.record.liveVersion !== null && !job.isLive;
  return confirmedStores(services, job) >= (isReplacing ? writtenStores : 1);
}

async function noteConfirmed(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const held = jobs.map(({ lease, holdings }) => ({
    lease,
    holdings: [...holdings.values()].filter(({ confirmed }) => confirmed),
  }));
  const noted = await services.catalog.documentStores.note(held, stepDeadline(services));
  if (noted.ok) return;
  for (const job of jobs) endWith(job, noted.error);
}

async function switchOver(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const { catalog, clock } = services;
  const hidden = jobs.filter((job) => !job.isLive);
  const leases = hidden.map(({ lease }) => lease);
  const gone = await catalog.versions.goLive(leases, clock.nowMs(), stepDeadline(services));
  for (const [n, job] of hidden.entries()) {
    if (!gone.ok) endWith(job, gone.error);
    else if (gone.value[n] === true) noteLive(services, job);
    else job.end = { kind: 'superseded' };
  }
  const changed = new Set(hidden.filter((job) => job.isLive).map((job) => job.lease.namespace));
  // When this fails the change is known everywhere a little later all the same.
  await Promise.all([...changed].map((one) => services.namespaceStates.publish(one, stepDeadline(services))));
}

function noteLive({ telemetry }: IngestServices, job: IngestJob): void {
  job.isLive = true;
  const { namespace, documentId, version } = job.lease;
  telemetry.emit({ event: 'document.ready', namespace, documentId, version, chunks: job.progress.total });
  telemetry.count('documents.ingested', { outcome: 'ready' });
}
