import type { Metadata } from '../retrieval/passage.ts';

export type IngestStage = 'converting' | 'chunking' | 'embedding' | 'indexing';

export type DocumentState =
  | { state: 'queued' }
  | { state: 'processing'; stage: IngestStage; done: number; total: number }
  | { state: 'ready' }
  | ({ state: 'failed' } & DocumentFailure)
  | { state: 'deleting' };

export interface DocumentFailure {
  code: string;
  message: string;
  attempts: number;
  /** `null` when it is being tried right now, or never again. */
  nextRetryAtMs: number | null;
}

/** What is known of a document now: the answer to `GET …/documents/{id}`. */
export interface DocumentStatus {
  namespace: string;
  documentId: string;
  state: DocumentState;
  /** Of a document that is not ready: how the last attempt failed. */
  lastFailure: DocumentFailure | null;
  version: number;
  liveVersion: number | null;
  stores: Record<string, 'current' | 'behind'>;
  title: string | null;
  url: string | null;
  /** `application/octet-stream` while nobody has read `sourceUrl` yet. */
  contentType: string;
  contentBytes: number;
  sourceUrl: string | null;
  contentHash: string;
  metadata: Metadata;
  createdAtMs: number;
  updatedAtMs: number;
}
