import { forgetChunks } from './forget-chunks.ts';
import { endWith, type IngestJob, ongoing } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { reportProgress, stepDeadline } from './lease-deadline.ts';

/** Removes what is left of the versions before the live one: everywhere else first, from the catalog last. */
export async function retireVersions(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const succeeding = ongoing(jobs).filter((job) => job.record.olderVersions > 0);
  await reportProgress(services, succeeding);
  await Promise.all(ongoing(succeeding).map((job) => retireOlder(services, job)));
}

async function retireOlder(services: IngestServices, job: IngestJob): Promise<void> {
  const { catalog, lexicalIndex, objects, stores } = services;
  const { namespace, documentId, version } = job.lease;
  const deadline = stepDeadline(services);
  const remains = await catalog.versions.remains(namespace, documentId, version - 1, deadline);
  if (!remains.ok) return endWith(job, remains.error);
  const { chunkIds, objectKeys } = remains.value;
  const removals = await Promise.all([
    ...stores.map((store) => forgetChunks(store, namespace, chunkIds, deadline)),
    lexicalIndex.removeVersions(namespace, documentId, { except: version }, deadline),
    objects.remove(objectKeys, deadline),
  ]);
  for (const removal of removals) {
    if (!removal.ok) return endWith(job, removal.error);
  }
  const forgotten = await catalog.versions.forgetOlder(job.lease, deadline);
  if (!forgotten.ok) endWith(job, forgotten.error);
}
