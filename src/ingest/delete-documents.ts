import { FORGOTTEN } from '../catalog/document-stores.ts';
import { partition } from '../partition.ts';
import { askOnce, confirmedStores } from './await-visibility.ts';
import { confirmRemovals } from './confirm-removals.ts';
import { type IngestJob, ongoing } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';
import { endAll, type Removal, removeEverywhere, unended } from './remove-everywhere.ts';

/**
 * Removes documents from everywhere; each one's row, the tombstone, goes when every store has confirmed it and nothing
 * is found in any of them.
 */
export async function deleteDocuments(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const removals = ongoing(jobs).map(deletionOf);
  await makeKnown(services, removals);
  await removeEverywhere(services, removals);
  const isForgotten = (removal: Removal) => confirmedStores(services, removal) === services.stores.length;
  // Nobody waits for it: a consumer that did would keep others' documents waiting.
  await askOnce(services, unended(removals));
  const [forgotten, visible] = partition(unended(removals), isForgotten);
  for (const { job } of visible) job.end = { kind: 'waiting' };
  await buryTombstones(services, await confirmRemovals(services, forgotten));
}

// Whoever asked for it has said so already, unless the cache did not hear it.
async function makeKnown(services: IngestServices, removals: Removal[]): Promise<void> {
  const untold = removals.filter(({ holdings }) => holdings.size === 0);
  const namespaces = new Set(untold.map(({ record }) => record.namespace));
  const deadline = stepDeadline(services);
  await Promise.all([...namespaces].map((namespace) => services.namespaceStates.publish(namespace, deadline)));
}

function deletionOf(job: IngestJob): Removal {
  const { record, lease, holdings } = job;
  return { job, record, last: lease.version, notedAs: FORGOTTEN, holdings, chunkIds: [], objectKeys: [] };
}

async function buryTombstones(services: IngestServices, removals: Removal[]): Promise<void> {
  if (removals.length === 0) return;
  const { catalog, telemetry } = services;
  const leases = removals.map(({ job }) => job.lease);
  const gone = await catalog.versions.forgetDocuments(leases, stepDeadline(services));
  if (!gone.ok) return endAll(removals, gone.error);
  for (const [n, { job, record }] of removals.entries()) {
    const isGone = gone.value[n] === true;
    job.end = { kind: isGone ? 'done' : 'superseded' };
    const { namespace, documentId } = record;
    if (isGone) telemetry.emit({ event: 'document.deleted', namespace, documentId });
  }
}
