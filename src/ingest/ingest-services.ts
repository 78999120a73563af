import type { CachedEmbedder } from '../cache/cached-embedder.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { StoreFingerprints } from '../catalog/store-fingerprints.ts';
import type { Clock } from '../clock.ts';
import type { DocumentConverter } from '../models/document-converter.ts';
import type { NamespaceStates } from '../namespaces/namespace-states.ts';
import type { LexicalContents } from '../retrieval/lexical/lexical-contents.ts';
import type { LexicalIndex } from '../retrieval/lexical/lexical-index.ts';
import type { VectorStore } from '../retrieval/vector-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { BackPressure } from './back-pressure.ts';
import type { Chunking } from './chunk-size.ts';
import type { DocumentObjects } from './document-objects.ts';
import type { SourceFetcher } from './fetch-source/source-fetcher.ts';
import type { IngestQueue } from './ingest-queue.ts';
import type { ObjectListing } from './object-listing.ts';

interface Shared {
  catalog: Catalog;
  /** To be told of every change of what can be answered. */
  namespaceStates: Pick<NamespaceStates, 'publish'>;
  objects: DocumentObjects;
  queue: IngestQueue;
  telemetry: Telemetry;
  clock: Clock;
  /** Unique, and sortable by time: object keys and lease tokens. */
  newId(): string;
  wait(ms: number): Promise<void>;
  /** 0 to 1: spreads retries that would otherwise come together. */
  random(): number;
}

/** What accepting and removing documents needs, in the API Worker. */
export interface WriteServices extends Shared {
  backPressure: BackPressure;
  settings: {
    /** The vector stores a document's status speaks of. */
    storeNames: string[];
    /** How documents are cut and embedded now: one whose passages were made otherwise is not up to date. */
    fingerprint: string;
    /** For the whole of one acceptance or removal. */
    writeDeadlineMs: number;
  };
}

/** What turning accepted documents into searchable ones needs, in the ingestion Worker. */
export interface IngestServices extends Shared {
  sources: SourceFetcher;
  converter: DocumentConverter;
  embedder: CachedEmbedder;
  stores: VectorStore[];
  storeFingerprints: StoreFingerprints;
  lexicalIndex: Pick<LexicalIndex, 'put' | 'removeVersions' | 'countVersions'>;
  lexicalContents: LexicalContents;
  objectListing: ObjectListing;
  settings: IngestSettings;
}

export interface IngestSettings {
  chunking: Chunking;
  /** Most bytes of documents in memory at a time; one document alone may have more. */
  maxBatchBytes: number;
  /** Longest silence of a worker before others take its document over. No call may take more than half of it. */
  leaseMs: number;
  /** How long to wait in one go until stores see what was written; at most half the lease. */
  confirmBudgetMs: number;
  /** When the sweep stops believing that the queue still has a message. */
  requeueAfterMs: number;
  /** Attempts before a failing document is left to the sweep, and one whose attempts are all cut off is given up. */
  maxAttempts: number;
  /** Of the text that one document is made. */
  maxConvertedCharacters: number;
  /** Most messages one sweep sends. */
  sweepLimit: number;
  /** From one scheduled comparison of everything to the next. */
  reconcileIntervalMs: number;
  /** The share of a store's chunks, 0 to 1, that a comparison may repair by itself. */
  maxDifference: number;
  /** How old an original that no version names has to be before a comparison removes it. */
  orphanAgeMs: number;
}
