import type { StoreHolding } from '../catalog/document-record.ts';
import { FORGOTTEN } from '../catalog/document-stores.ts';
import type { Remains } from '../catalog/versions.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { VectorStore } from '../retrieval/vector-store.ts';
import { forgetChunks } from './forget-chunks.ts';
import { endWith, type IngestJob } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';

/** What was removed of a document, and where a store's receipt for it is noted. */
export interface Removal extends Remains {
  versions: 'all' | { except: number };
  /** The version of the holdings that say so. */
  notedAs: number;
}

// What is found clean leaves the ledger, so that the next attempt goes on from there.
const IDS_PER_SLICE = 1_000;
const FETCHES_AT_ONCE = 4;
// Beside the removal itself and the wait for it, within one lease.
const SHARE_OF_LEASE = 1 / 5;

/**
 * Asks every store for everything that was removed, whatever their receipts say. What is still there is deleted again.
 * True when nothing is left anywhere; else the job has an end, and another attempt looks again.
 */
export async function confirmRemoval(services: IngestServices, job: IngestJob, removal: Removal): Promise<boolean> {
  const deadline = deadlineIn(services.clock, Math.floor(services.settings.leaseMs * SHARE_OF_LEASE));
  const { chunkIds } = removal;
  let isGone = await isGoneFromOwnStorage(services, job, removal, deadline);
  for (let at = 0; at < chunkIds.length && job.end === null; at += IDS_PER_SLICE) {
    if (deadline.remainingMs() === 0) {
      isGone = false;
      break;
    }
    const slice = chunkIds.slice(at, at + IDS_PER_SLICE);
    const isClean = await isGoneFromStores(services, job, slice, removal.notedAs, deadline);
    isGone &&= isClean;
    if (isClean && chunkIds.length > IDS_PER_SLICE) await forget(services, job, slice, deadline);
  }
  if (!isGone) job.end ??= { kind: 'waiting' };
  return isGone && job.end === null;
}

/** Both are asked to remove everything by every attempt, so that it is enough to look. */
async function isGoneFromOwnStorage(
  { lexicalIndex, objects }: IngestServices,
  job: IngestJob,
  { objectKeys, versions }: Removal,
  deadline: Deadline,
): Promise<boolean> {
  const { namespace, documentId } = job.lease;
  const [passages, left] = await Promise.all([
    lexicalIndex.countVersions(namespace, documentId, versions, deadline),
    objects.existing(objectKeys, deadline),
  ]);
  if (!passages.ok) endWith(job, passages.error);
  if (!left.ok) endWith(job, left.error);
  return passages.ok && left.ok && passages.value === 0 && left.value.length === 0;
}

async function isGoneFromStores(
  services: IngestServices,
  job: IngestJob,
  chunkIds: string[],
  notedAs: number,
  deadline: Deadline,
): Promise<boolean> {
  const gone = await Promise.all(
    services.stores.map(async (store) => {
      const left = await chunksLeft(store, job.lease.namespace, chunkIds, deadline);
      if (left.ok && left.value.length === 0) return true;
      if (left.ok) await deleteAgain(services, job, store, left.value, notedAs, deadline);
      else endWith(job, left.error);
      return false;
    }),
  );
  return gone.every((isGone) => isGone);
}

async function chunksLeft(
  store: VectorStore,
  namespace: string,
  chunkIds: string[],
  deadline: Deadline,
): Promise<Result<string[], UpstreamError>> {
  const left: string[] = [];
  const idsAtOnce = store.maxFetch * FETCHES_AT_ONCE;
  for (let at = 0; at < chunkIds.length; at += idsAtOnce) {
    const calls = Array.from({ length: FETCHES_AT_ONCE }, (_, n) => at + n * store.maxFetch)
      .map((from) => chunkIds.slice(from, from + store.maxFetch))
      .filter((ids) => ids.length > 0);
    for (const found of await Promise.all(calls.map((ids) => store.fetch(namespace, ids, deadline)))) {
      if (!found.ok) return found;
      left.push(...found.value.keys());
    }
  }
  return succeed(left);
}

async function deleteAgain(
  services: IngestServices,
  job: IngestJob,
  store: VectorStore,
  chunkIds: string[],
  notedAs: number,
  deadline: Deadline,
): Promise<void> {
  const { catalog, telemetry } = services;
  const { namespace, documentId } = job.lease;
  telemetry.emit({ event: 'removal.incomplete', namespace, documentId, store: store.name, chunks: chunkIds.length });
  const asked = await forgetChunks(store, namespace, chunkIds, deadline);
  if (!asked.ok) return endWith(job, asked.error);
  const holding: StoreHolding = { store: store.name, version: notedAs, receipt: asked.value ?? '', confirmed: false };
  if (notedAs === FORGOTTEN) job.holdings.set(store.name, holding);
  const noted = await catalog.documentStores.note([{ lease: job.lease, holdings: [holding] }], deadline);
  if (!noted.ok) endWith(job, noted.error);
}

async function forget(services: IngestServices, job: IngestJob, chunkIds: string[], deadline: Deadline): Promise<void> {
  const forgotten = await services.catalog.versions.forgetChunks(job.lease, chunkIds, deadline);
  if (!forgotten.ok) endWith(job, forgotten.error);
}
