import type { DocumentRecord, StoreHolding } from '../catalog/document-record.ts';
import type { Lease, Progress } from '../catalog/leases.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { StoredChunk } from '../retrieval/passage.ts';

export type JobError = Pick<UpstreamError, 'class' | 'code' | 'message' | 'retryAfterMs'>;

export type JobEnd =
  | { kind: 'done' }
  /** A newer version was accepted, the document is being deleted, or the lease was lost. */
  | { kind: 'superseded' }
  /** Everything is written; queries do not see enough of it yet. */
  | { kind: 'waiting' }
  /** Nothing was done: the batch has documents enough without it, or it shall have one to itself. */
  | { kind: 'postponed'; delayMs: number }
  | { kind: 'failed'; error: JobError };

/** Until what is postponed comes in another batch. */
export const POSTPONED_MS = 5_000;

export interface PreparedChunk {
  chunk: StoredChunk;
  /** Of what the embedding model is given. */
  textHash: string;
}

/** One document on its way through a batch. Steps skip a job that has an end. */
export interface IngestJob {
  readonly lease: Lease;
  /** Completed once its source has been read. */
  record: DocumentRecord;
  /** True once answers come from the job's version: from then on it can only be repaired, not fail. */
  isLive: boolean;
  progress: Progress;
  /** Stores still to be written to, by name. */
  missing: Set<string>;
  chunks: PreparedChunk[];
  /** Chunks of the live version by their text's hash, when this one replaces it: their vectors need not be made again. */
  knownTexts: ReadonlyMap<string, string>;
  /** What stores have taken of this version (of a delete: the request to forget), by store. */
  holdings: Map<string, StoreHolding>;
  storeErrors: Map<string, UpstreamError>;
  end: JobEnd | null;
}

/** What the queue is told about one message. */
export type MessageOutcome = { kind: 'ack' } | { kind: 'retry'; delaySeconds: number };

export function ongoing(jobs: IngestJob[]): IngestJob[] {
  return jobs.filter((job) => job.end === null);
}

export function endWith(job: IngestJob, error: JobError): void {
  job.end ??= { kind: 'failed', error };
}

export function permanently(code: string, message: string): JobError {
  return { class: 'permanent', code, message, retryAfterMs: null };
}
