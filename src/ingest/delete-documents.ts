import { FORGOTTEN } from '../catalog/document-stores.ts';
import type { Remains } from '../catalog/versions.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { VectorStore } from '../retrieval/vector-store.ts';
import { awaitVisibility, confirmedStores } from './await-visibility.ts';
import { confirmRemoval } from './confirm-removal.ts';
import { forgetChunks } from './forget-chunks.ts';
import { endWith, type IngestJob, ongoing } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';

/**
 * Removes documents from everywhere; each one's row, the tombstone, goes when every store has confirmed it and nothing
 * is found in any of them.
 */
export async function deleteDocuments(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const remains = new Map<IngestJob, Remains>();
  await Promise.all(
    ongoing(jobs).map(async (job) => {
      const found = await forgetEverywhere(services, job);
      if (found !== null) remains.set(job, found);
    }),
  );
  const asked = ongoing(jobs);
  await awaitVisibility(services, asked, (job) => isForgottenByAll(services, job));
  await Promise.all(asked.map((job) => buryTombstone(services, job, remains.get(job))));
}

/** What there was to remove; `null` when the job has ended for a failure. */
async function forgetEverywhere(services: IngestServices, job: IngestJob): Promise<Remains | null> {
  const { catalog, lexicalIndex, objects, stores } = services;
  const { namespace, documentId, version } = job.lease;
  const deadline = stepDeadline(services);
  const remains = await catalog.versions.remains(namespace, documentId, version, deadline);
  if (!remains.ok) return end(job, remains.error);
  const { chunkIds, objectKeys } = remains.value;
  const unasked = stores.filter((store) => job.missing.has(store.name));
  const [lexical, originals] = await Promise.all([
    lexicalIndex.removeVersions(namespace, documentId, 'all', deadline),
    objects.remove(objectKeys, deadline),
    ...unasked.map((store) => askToForget(store, job, chunkIds, deadline)),
  ]);
  const asked = [...job.holdings.values()].filter((held) => job.missing.has(held.store));
  // Noted even if another store failed, so that the next attempt does not ask, and wait, again.
  const noted = await catalog.documentStores.note([{ lease: job.lease, holdings: asked }], deadline);
  for (const result of [lexical, originals, noted]) {
    if (!result.ok) return end(job, result.error);
  }
  for (const error of job.storeErrors.values()) return end(job, error);
  return remains.value;
}

function end(job: IngestJob, error: UpstreamError): null {
  endWith(job, error);
  return null;
}

async function askToForget(store: VectorStore, job: IngestJob, chunkIds: string[], deadline: Deadline): Promise<void> {
  const asked = await forgetChunks(store, job.lease.namespace, chunkIds, deadline);
  if (!asked.ok) {
    job.storeErrors.set(store.name, asked.error);
    return;
  }
  const hasNothing = asked.value === null;
  job.holdings.set(store.name, {
    store: store.name,
    version: FORGOTTEN,
    receipt: asked.value ?? '',
    confirmed: hasNothing,
  });
}

function isForgottenByAll(services: IngestServices, job: IngestJob): boolean {
  return confirmedStores(services, job) === services.stores.length;
}

async function buryTombstone(services: IngestServices, job: IngestJob, remains: Remains | undefined): Promise<void> {
  const { catalog, telemetry } = services;
  if (remains === undefined || !isForgottenByAll(services, job)) {
    job.end = { kind: 'waiting' };
    return;
  }
  if (!(await confirmRemoval(services, job, { ...remains, versions: 'all', notedAs: FORGOTTEN }))) return;
  const forgotten = await catalog.versions.forgetDocument(job.lease, stepDeadline(services));
  if (!forgotten.ok) return endWith(job, forgotten.error);
  if (!forgotten.value) {
    job.end = { kind: 'superseded' };
    return;
  }
  const { namespace, documentId } = job.lease;
  telemetry.emit({ event: 'document.deleted', namespace, documentId });
  job.end = { kind: 'done' };
}
