import { type MarkdownSource, toMarkdown } from '../../local/ai/to-markdown.ts';
import type { CachedEmbedder } from '../../src/cache/cached-embedder.ts';
import { createCatalog } from '../../src/catalog/catalog.ts';
import { createCatalogDatabase } from '../../src/catalog/catalog-database.ts';
import { createStoreFingerprints } from '../../src/catalog/store-fingerprints.ts';
import { createDocumentObjects } from '../../src/ingest/document-objects.ts';
import { createSourceFetcher } from '../../src/ingest/fetch-source/source-fetcher.ts';
import { ingestBatch } from '../../src/ingest/ingest-batch.ts';
import type { MessageOutcome } from '../../src/ingest/ingest-job.ts';
import type { IngestServices, WriteServices } from '../../src/ingest/ingest-services.ts';
import type { IngestMessage } from '../../src/ingest/message.ts';
import { sweep } from '../../src/ingest/sweep.ts';
import type { WorkersAiBinding } from '../../src/models/workers-ai-binding.ts';
import { createWorkersAiConverter } from '../../src/models/workers-ai-converter.ts';
import { EMPTY_STATE } from '../../src/namespaces/namespace-state.ts';
import { createCallUpstream } from '../../src/resilience/call-upstream.ts';
import type { UpstreamErrorClass } from '../../src/resilience/upstream-error.ts';
import { fail, succeed } from '../../src/result.ts';
import { createLexicalIndex } from '../../src/retrieval/lexical/lexical-index.ts';
import type { TelemetryEvent } from '../../src/telemetry/events.ts';
import { createMemoryVectorStore, type MemoryVectorStore } from './memory-vector-store.ts';
import type { Storage } from './storage-under-test.ts';

export const LEASE_MS = 60_000;
export const REQUEUE_AFTER_MS = 300_000;
export const MAX_ATTEMPTS = 4;
export const FINGERPRINT = 'test/2/mean/chunker-1';

interface Delivery {
  message: IngestMessage;
  atMs: number;
}

export interface IngestWorld {
  services: IngestServices & WriteServices;
  stores: { first: MemoryVectorStore; second: MemoryVectorStore };
  queue: { refuses: boolean; deliveries: Delivery[] };
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
  const stores = { first: createMemoryVectorStore('first', clock), second: createMemoryVectorStore('second', clock) };
  const queue: IngestWorld['queue'] = { refuses: false, deliveries: [] };
  const embedder: IngestWorld['embedder'] = { failWith: null, refuses: () => false, calls: [] };
  const published: string[] = [];
  const testOrigins: string[] = [];
  const converter: IngestWorld['converter'] = { failWith: null, files: [] };
  const services: IngestServices & WriteServices = {
    catalog: createCatalog(database),
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
    queue: {
      async send(messages) {
        if (queue.refuses) return fail(upstreamError('queue', 'transient'));
        queue.deliveries.push(...messages.map((message) => ({ message, atMs: nowMs })));
        return succeed(undefined);
      },
    },
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
      leaseMs: LEASE_MS,
      confirmBudgetMs: 10_000,
      requeueAfterMs: REQUEUE_AFTER_MS,
      maxAttempts: MAX_ATTEMPTS,
      maxConvertedCharacters: 100_000,
      sweepLimit: 100,
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
      const outcomes = await ingestBatch(
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

function embedderOf(told: IngestWorld['embedder']): CachedEmbedder {
  return {
    model: { name: 'test', dimensions: 2, pooling: 'mean', maxInputTokens: 64, maxTextsPerCall: 5 },
    async embed(texts) {
      told.calls.push(texts);
      if (told.failWith !== null) return fail({ ...upstreamError('embedder', told.failWith), cache: 'miss' });
      if (texts.some(told.refuses)) return fail({ ...upstreamError('embedder', 'permanent'), cache: 'miss' });
      const vectors = texts.map(() => Float32Array.of(1, 0));
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
