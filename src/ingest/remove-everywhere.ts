import type { DocumentRecord, StoreHolding } from '../catalog/document-record.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { VectorStore } from '../retrieval/vector-store.ts';
import { endWith, type IngestJob } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';

/** What is to go of one document. */
export interface Removal {
  readonly job: IngestJob;
  readonly record: DocumentRecord;
  /** Versions up to it go. */
  readonly last: number;
  /** The version of the holdings that say that a store was told. */
  readonly notedAs: number;
  /** By store, once it was told. */
  readonly holdings: Map<string, StoreHolding>;
  chunkIds: string[];
  objectKeys: string[];
}

interface Doomed {
  removal: Removal;
  chunkId: string;
}

/**
 * Removes the words and the originals of many documents, and tells every store that has not been told to forget their
 * chunks: those of all documents together, in full calls.
 */
export async function removeEverywhere(services: IngestServices, removals: Removal[]): Promise<void> {
  if (removals.length === 0) return;
  const { catalog, lexicalIndex, objects, stores } = services;
  const deadline = stepDeadline(services);
  const documents = oldVersionsOf(removals);
  const remains = await catalog.versions.remains(documents, deadline);
  if (!remains.ok) return endAll(removals, remains.error);
  for (const [n, removal] of removals.entries()) {
    removal.chunkIds = remains.value[n]?.chunkIds ?? [];
    removal.objectKeys = remains.value[n]?.objectKeys ?? [];
  }
  const [lexical, originals] = await Promise.all([
    lexicalIndex.removeVersions(documents, deadline),
    objects.remove(
      removals.flatMap(({ objectKeys }) => objectKeys),
      deadline,
    ),
    ...stores.map((store) => tellToForget(store, removals, deadline)),
  ]);
  // Noted even if another store failed, so that the next attempt does not ask, and wait, again.
  const noted = await noteTold(services, removals, deadline);
  for (const result of [lexical, originals, noted]) if (!result.ok) endAll(removals, result.error);
}

export function oldVersionsOf(removals: Removal[]) {
  return removals.map(({ record: { namespace, documentId }, last }) => ({ namespace, documentId, last }));
}

/** Their stores' receipts, where the next attempt finds them. */
export function noteTold({ catalog }: IngestServices, removals: Removal[], deadline: Deadline) {
  const held = removals.map(({ job, holdings }) => ({ lease: job.lease, holdings: [...holdings.values()] }));
  return catalog.documentStores.note(held, deadline);
}

export function endAll(removals: Removal[], error: UpstreamError): void {
  for (const { job } of removals) endWith(job, error);
}

/** Those on which work may go on. */
export function unended(removals: Removal[]): Removal[] {
  return removals.filter(({ job }) => job.end === null);
}

async function tellToForget(store: VectorStore, removals: Removal[], deadline: Deadline): Promise<void> {
  const untold = removals.filter(({ holdings }) => !holdings.has(store.name));
  for (const removal of untold) if (removal.chunkIds.length === 0) noteReceipt(removal, store.name, null);
  const doomed = untold.flatMap((removal) => removal.chunkIds.map((chunkId) => ({ removal, chunkId })));
  await forgetInStore(store, doomed, deadline);
}

/**
 * Deletes chunks of many documents from one store, whatever others say; the last receipt for a document covers those
 * before, and there is none when any of its chunks could not be told.
 */
export async function forgetInStore(store: VectorStore, doomed: Doomed[], deadline: Deadline): Promise<void> {
  const failed = new Set<Removal>();
  for (const [namespace, inNamespace] of Map.groupBy(doomed, ({ removal }) => removal.record.namespace)) {
    for (let at = 0; at < inNamespace.length; at += store.maxBatch) {
      const batch = inNamespace.slice(at, at + store.maxBatch).filter(({ removal }) => !failed.has(removal));
      if (batch.length === 0) continue;
      const ids = batch.map(({ chunkId }) => chunkId);
      const deleted = await store.delete(namespace, ids, deadline);
      for (const removal of new Set(batch.map((one) => one.removal))) {
        if (deleted.ok) noteReceipt(removal, store.name, deleted.value);
        else {
          failed.add(removal);
          removal.holdings.delete(store.name);
          endWith(removal.job, deleted.error);
        }
      }
    }
  }
}

/** `null`: there was nothing to ask of it. */
function noteReceipt({ holdings, notedAs }: Removal, store: string, receipt: string | null): void {
  holdings.set(store, { store, version: notedAs, receipt: receipt ?? '', confirmed: receipt === null });
}
