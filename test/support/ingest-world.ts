import { type MarkdownSource, toMarkdown } from '../../local/ai/to-markdown.ts';
import type { CachedEmbedder } from '../../src/cache/cached-embedder.ts';
import { createCatalog } from '../../src/catalog/catalog.ts';
import { createCatalogDatabase } from '../../src/catalog/catalog-database.ts';
import { createStoreFingerprints } from '../../src/catalog/store-fingerprints.ts';
import { DEFAULT_CHUNKING } from '../../src/ingest/chunk-size.ts';
import { createDocumentObjects } from '../../src/ingest/document-objects.ts';
import { createSourceFetcher } from '../../src/ingest/fetch-source/source-fetcher.ts';
import type { MessageOutcome } from '../../src/ingest/ingest-job.ts';
import type { IngestServices, WriteServices } from '../../src/ingest/ingest-services.ts';
import type { DeletionMessage, IngestMessage, ReconcileMessage } from '../../src/ingest/message.ts';
import { createObjectListing } from '../../src/ingest/object-listing.ts';
import { sweep } from '../../src/ingest/sweep.ts';
import { workOnMessages } from '../../src/ingest/work-on-messages.ts';
import type { WorkersAiBinding } from '../../src/models/workers-ai-binding.ts';
import { createWorkersAiConverter } from '../../src/models/workers-ai-converter.ts';
import { EMPTY_STATE } from '../../src/namespaces/namespace-state.ts';
import { createCallUpstream } from '../../src/resilience/call-upstream.ts';
import type { UpstreamErrorClass } from '../../src/resilience/upstream-error.ts';
import { fail, succeed } from '../../src/result.ts';
import { createLexicalContents } from '../../src/retrieval/lexical/lexical-contents.ts';
import { createLexicalIndex } from '../../src/retrieval/lexical/lexical-index.ts';
import type { TelemetryEvent } from '../../src/telemetry/events.ts';
import { createMemoryVectorStore, type MemoryVectorStore } from './memory-vector-store.ts';
import type { Storage } from './storage-under-test.ts';

export const LEASE_MS = 60_000;
export const REQUEUE_AFTER_MS = 300_000;
export const MAX_ATTEMPTS = 4;
export const UNLIMITED = { documents: null, chunks: null, bytes: null };
export const MAX_BATCH_BYTES = 100_000;
export const FINGERPRINT = 'test/2/mean/chunker-1';

interface Delivery<Message = IngestMessage | DeletionMessage> {
  message: Message;
  atMs: number;
}

export interface IngestWorld {
  services: IngestServices & WriteServices;
  stores: { first: MemoryVectorStore; second: MemoryVectorStore };
  /** Messages about documents, and apart from them those about reconciliations. */
  queue: { refuses: boolean; deliveries: Delivery[]; runs: Delivery<ReconcileMessage>[] };
  embedder: { failWith: UpstreamErrorClass | null; refuses: (text: string) => boolean; calls: string[][] };
  /** Where documents may be read from although it is this machine. */
  testOrigins: string[];
  /** What the converter was given; with `failWith` it throws that. */
  converter: { failWith: Error | null; files: MarkdownSource[] };
  events: TelemetryEvent[];
  /** The namespaces whose change was made known, one entry a time. */
  published: string[];
  pass(ms: number): void;
  /** Both Workers anew, with another model or chunker: nothing is known of the stores. */
  deployWith(fingerprint: string): void;
  /** Delivers what is due as one batch, and puts back what is to be retried. */
  deliver(services?: IngestServices): Promise<MessageOutcome[]>;
  /** Delivers the next message about a reconciliation, if one is due, and puts it back if it is to be retried. */
  deliverRun(services?: IngestServices): Promise<void>;
  /** Delivers and sweeps, as time goes by, until nothing is left to do. */
  settle(): Promise<void>;
}

/** The write path on real storage, with a clock, a queue and vector stores that a test controls. */
export function createIngestWorld(storage: Storage): IngestWorld {
  // Far from the epoch, so that versions look like those of production.
  let nowMs = 1_800_000_000_000;
  let ids = 0;
  const clock = { nowMs: () => nowMs };
  const events: TelemetryEvent[] = [];
  const telemetry = { emit: (event: TelemetryEvent) => events.push(event), count: () => {}, observe: () => {} };
  const callUpstream = createCallUpstream({ clock, telemetry });
  const database = createCatalogDatabase({ db: storage.CATALOG_DB, callUpstream, timeoutMs: 10_000 });
  const fingerprintsOf = (own: string) => createStoreFingerprints({ database, own, matching: new Set(), clock });
  // One as Vectorize is, and one that can list as Upstash does.
  const stores = {
    first: createMemoryVectorStore('first', clock),
    second: createMemoryVectorStore('second', clock, { listPage: 5 }),
  };
  const queue: IngestWorld['queue'] = { refuses: false, deliveries: [], runs: [] };
  const embedder: IngestWorld['embedder'] = { failWith: null, refuses: () => false, calls: [] };
  const published: string[] = [];
  const testOrigins: string[] = [];
  const converter: IngestWorld['converter'] = { failWith: null, files: [] };
  const services: IngestServices & WriteServices = {
    catalog: createCatalog(database, UNLIMITED),
    namespaceStates: {
      async publish(namespace) {
        published.push(namespace);
        return succeed(EMPTY_STATE);
      },
    },
    objects: createDocumentObjects({ bucket: storage.DOCUMENTS, callUpstream, timeoutMs: 10_000 }),
    lexicalIndex: createLexicalIndex({
      db: storage.LEXICAL_DB,
      callUpstream,
      searchTimeoutMs: 10_000,
      writeTimeoutMs: 10_000,
    }),
    lexicalContents: createLexicalContents({ db: storage.LEXICAL_DB, callUpstream, timeoutMs: 10_000 }),
    objectListing: createObjectListing({ bucket: storage.DOCUMENTS, callUpstream, timeoutMs: 10_000 }),
    queue: {
      async send(messages) {
        if (queue.refuses) return fail(upstreamError('queue', 'transient'));
        for (const message of messages) {
          if (message.kind === 'reconcile') queue.runs.push({ message, atMs: nowMs });
          else queue.deliveries.push({ message, atMs: nowMs });
        }
        return succeed(null);
      },
      backlog: async () => succeed(null),
    },
    backPressure: { admit: async () => ({ kind: 'admitted' }) },
    sources: createSourceFetcher({
      callUpstream,
      clock,
      policy: { testOrigins, ports: [] },
      timeoutMs: 2_000,
      maxBytes: 100_000,
    }),
    converter: createWorkersAiConverter({ ai: converterOf(converter), callUpstream, timeoutMs: 20_000 }),
    embedder: embedderOf(embedder),
    stores: [stores.first, stores.second],
    storeFingerprints: fingerprintsOf(FINGERPRINT),
    telemetry,
    clock,
    newId() {
      ids += 1;
      return `id-${ids}`;
    },
    random: () => 0,
    async wait(ms) {
      nowMs += ms;
    },
    settings: {
      storeNames: ['first', 'second'],
      fingerprint: FINGERPRINT,
      writeDeadlineMs: 10_000,
      chunking: DEFAULT_CHUNKING,
      maxBatchBytes: MAX_BATCH_BYTES,
      leaseMs: LEASE_MS,
      confirmBudgetMs: 10_000,
      requeueAfterMs: REQUEUE_AFTER_MS,
      maxAttempts: MAX_ATTEMPTS,
      maxConvertedCharacters: 100_000,
      sweepLimit: 100,
      reconcileIntervalMs: 86_400_000,
      maxDifference: 0.05,
      orphanAgeMs: 3_600_000,
    },
  };

  const world: IngestWorld = {
    services,
    stores,
    queue,
    embedder,
    testOrigins,
    converter,
    events,
    published,
    pass(ms) {
      nowMs += ms;
    },
    deployWith(fingerprint) {
      services.storeFingerprints = fingerprintsOf(fingerprint);
      services.settings.fingerprint = fingerprint;
    },
    async deliver(as = services) {
      const due = queue.deliveries.filter(({ atMs }) => atMs <= nowMs);
      queue.deliveries = queue.deliveries.filter(({ atMs }) => atMs > nowMs);
      const outcomes = await workOnMessages(
        as,
        due.map(({ message }) => message),
      );
      for (const [n, outcome] of outcomes.entries()) {
        const delivery = due[n];
        if (outcome.kind === 'ack' || delivery === undefined) continue;
        queue.deliveries.push({ ...delivery, atMs: nowMs + outcome.delaySeconds * 1_000 });
      }
      return outcomes;
    },
    async deliverRun(as = services) {
      const due = queue.runs.find(({ atMs }) => atMs <= nowMs);
      if (due === undefined) return;
      queue.runs = queue.runs.filter((delivery) => delivery !== due);
      const [outcome] = await workOnMessages(as, [due.message]);
      if (outcome?.kind === 'retry') queue.runs.push({ ...due, atMs: nowMs + outcome.delaySeconds * 1_000 });
    },
    async settle() {
      for (let round = 0; round < 60; round += 1) {
        await sweep(services);
        if (queue.deliveries.length === 0) {
          nowMs += REQUEUE_AFTER_MS;
          const { requeued } = await sweep(services);
          if (requeued === 0) return;
        }
        nowMs = Math.max(nowMs, ...queue.deliveries.slice(0, 1).map(({ atMs }) => atMs));
        await world.deliver();
      }
      throw new Error('there is always something left to do');
    },
  };
  return world;
}

/** The test model: another direction for every text. */
export function vectorOf(text: string): Float32Array {
  const angle = [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003, 7);
  return Float32Array.of(Math.cos(angle), Math.sin(angle));
}

function embedderOf(told: IngestWorld['embedder']): CachedEmbedder {
  return {
    model: { name: 'test', dimensions: 2, pooling: 'mean', maxInputTokens: 64, maxTextsPerCall: 5 },
    async embed(texts) {
      told.calls.push(texts);
      if (told.failWith !== null) return fail({ ...upstreamError('embedder', told.failWith), cache: 'miss' });
      if (texts.some(told.refuses)) return fail({ ...upstreamError('embedder', 'permanent'), cache: 'miss' });
      const vectors = texts.map(vectorOf);
      return succeed({ vectors, tokens: texts.length, estimated: true, cache: 'miss' });
    },
  };
}

/** The local cloud's conversion, without the way there. */
function converterOf(told: IngestWorld['converter']): Pick<WorkersAiBinding, 'toMarkdown'> {
  return {
    async toMarkdown({ name, blob }) {
      const file = { name, mimeType: blob.type, bytes: new Uint8Array(await blob.arrayBuffer()) };
      told.files.push(file);
      if (told.failWith !== null) throw told.failWith;
      return toMarkdown(file, new AbortController().signal);
    },
  };
}

function upstreamError(dependency: string, errorClass: UpstreamErrorClass) {
  const told = { code: 'TOLD', message: 'as the test wants', retryAfterMs: null };
  return { dependency, operation: 'call', class: errorClass, ...told };
}
