import type { UpstreamError } from '../resilience/upstream-error.ts';
import { describeMismatch, FINGERPRINT_MISMATCH } from '../retrieval/fingerprint.ts';
import { endIfUnwritable } from './end-if-unwritable.ts';
import { endWith, type IngestJob, ongoing } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';

/**
 * Keeps this deployment from writing where another model or chunker has written: neither into its vector stores nor
 * beside its chunks of the same version. Before anything is cut or embedded, which would be paid for nothing.
 */
export async function refuseForeign(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const unwritten = ongoing(jobs).filter(({ missing }) => missing.size > 0);
  for (const job of unwritten) refuseForeignChunks(services, job);
  const writing = ongoing(unwritten);
  const stores = services.stores.map(({ name }) => name).filter((name) => writing.some((job) => job.missing.has(name)));
  const foreign = await services.storeFingerprints.foreignAmong(stores, stepDeadline(services));
  for (const job of writing) {
    if (foreign.ok) refuseForeignStores(services, job, foreign.value);
    else endWith(job, foreign.error);
  }
}

function refuseForeignChunks({ storeFingerprints: { own } }: IngestServices, job: IngestJob): void {
  const { fingerprint } = job.record;
  if (fingerprint === null || fingerprint === own) return;
  const message = `Its passages were ${describeMismatch(fingerprint, own)}.`;
  endWith(job, { class: 'configuration', code: FINGERPRINT_MISMATCH, message, retryAfterMs: null });
}

function refuseForeignStores(services: IngestServices, job: IngestJob, foreign: ReadonlyMap<string, string>): void {
  for (const [store, builtWith] of foreign) {
    // From here on there is nothing to write for it; that it lacks the document is what its error says.
    if (job.missing.delete(store)) {
      job.storeErrors.set(store, mismatchOf(store, builtWith, services.storeFingerprints.own));
    }
  }
  endIfUnwritable(services, job);
}

function mismatchOf(store: string, builtWith: string, own: string): UpstreamError {
  const message = `${store} was ${describeMismatch(builtWith, own)}.`;
  const failed = { dependency: store, operation: 'upsert', class: 'configuration' } as const;
  return { ...failed, code: FINGERPRINT_MISMATCH, message, retryAfterMs: null };
}
