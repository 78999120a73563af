import type { StoreHolding } from '../catalog/document-record.ts';
import { toldToForgetBefore } from '../catalog/document-stores.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { VectorStore } from '../retrieval/vector-store.ts';
import { confirmRemoval } from './confirm-removal.ts';
import { forgetChunks } from './forget-chunks.ts';
import { endWith, type IngestJob, ongoing } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { reportProgress, stepDeadline } from './lease-deadline.ts';

/**
 * Removes what is left of the versions before the live one: everywhere else first, and from the catalog only when
 * nothing of them is found anywhere. Nobody waits for that: a store that shows it later is asked later.
 */
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
  const versions = { except: version };
  const [lexical, originals, ...told] = await Promise.all([
    lexicalIndex.removeVersions(namespace, documentId, versions, deadline),
    objects.remove(objectKeys, deadline),
    ...stores.map((store) => tellToForget(services, job, store, chunkIds, deadline)),
  ]);
  for (const removal of [lexical, originals]) {
    if (!removal.ok) endWith(job, removal.error);
  }
  if (job.end !== null) return;
  if (told.some((isVisible) => !isVisible)) {
    job.end = { kind: 'waiting' };
    return;
  }
  if (!(await confirmRemoval(services, job, { ...remains.value, versions, notedAs: toldToForgetBefore(version) })))
    return;
  const forgotten = await catalog.versions.forgetOlder(job.lease, deadline);
  if (!forgotten.ok) endWith(job, forgotten.error);
}

/** True once queries to the store no longer see the chunks, as its receipt for the first request says. */
async function tellToForget(
  services: IngestServices,
  job: IngestJob,
  store: VectorStore,
  chunkIds: string[],
  deadline: Deadline,
): Promise<boolean> {
  const { namespace, version } = job.lease;
  const notedAs = toldToForgetBefore(version);
  const before = job.record.holdings.find((held) => held.store === store.name && held.version === notedAs);
  const receipt = before?.receipt ?? (await forgetAndNote(services, job, store, chunkIds, deadline));
  if (receipt === null) return true;
  const visible = await store.isVisible(namespace, receipt, deadline);
  // A store that cannot say is asked again: it has taken the request.
  return visible.ok && visible.value;
}

/** The receipt; `null` when there was nothing to ask, or the job has ended for it. */
async function forgetAndNote(
  { catalog }: IngestServices,
  job: IngestJob,
  store: VectorStore,
  chunkIds: string[],
  deadline: Deadline,
): Promise<string | null> {
  const { namespace, version } = job.lease;
  const asked = await forgetChunks(store, namespace, chunkIds, deadline);
  if (!asked.ok) endWith(job, asked.error);
  if (!asked.ok || asked.value === null) return null;
  const holding: StoreHolding = {
    store: store.name,
    version: toldToForgetBefore(version),
    receipt: asked.value,
    confirmed: false,
  };
  const noted = await catalog.documentStores.note([{ lease: job.lease, holdings: [holding] }], deadline);
  if (!noted.ok) endWith(job, noted.error);
  return asked.value;
}
