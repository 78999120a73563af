import type { OverQuota } from '../catalog/quotas.ts';
import type { EmbeddingModel } from '../models/embedder.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { type Chunk, type ContentType, chunkDocument } from './chunk-document.ts';
import { chunkIdOf } from './chunk-id.ts';
import { chunkLimitsFor } from './chunk-size.ts';
import { describeOverQuota } from './describe-over-quota.ts';
import { textOf } from './document-text.ts';
import { endWith, type IngestJob, ongoing, type PreparedChunk, permanently } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { reportProgress, stepDeadline } from './lease-deadline.ts';
import { textHashOf } from './text-hash.ts';
import { MAX_LEAD_LENGTH, textRoom } from './text-room.ts';

// The ledger binds a document's chunk ids as one parameter, which D1 allows 2 MB
// (https://developers.cloudflare.com/d1/platform/limits/).
const MAX_CHUNKS = 20_000;

// About 10 ms of parsing: whatever else this thread has to do does not wait longer.
const CHARACTERS_BETWEEN_PAUSES = 8_000;
const CHUNKS_AT_ONCE = 200;

/** Reads and cuts up the documents that some store lacks, and enters their chunks in the ledger. */
export async function prepareDocuments(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const deadline = stepDeadline(services);
  const unwritten = ongoing(jobs).filter((job) => job.missing.size > 0);
  await Promise.all(unwritten.map((job) => prepare(services, job, deadline)));
  await enterChunks(services, ongoing(unwritten), deadline);
  await Promise.all(ongoing(unwritten).map((job) => recogniseTexts(services, job, deadline)));
  await reportProgress(services, jobs);
}

async function prepare(services: IngestServices, job: IngestJob, deadline: Deadline): Promise<void> {
  const { objects, embedder } = services;
  const { key, contentType } = textOf(job.record);
  const read = await objects.read(key, deadline);
  if (!read.ok) return endWith(job, read.error);
  if (read.value === null) return endWith(job, permanently('SOURCE_MISSING', 'The stored text is gone.'));
  const chunks = await cutUp(services, job, read.value, contentType, embedder.model);
  if (chunks === null) return;
  if (chunks.length > MAX_CHUNKS) {
    return endWith(job, permanently('TOO_MANY_CHUNKS', `The document makes more than ${MAX_CHUNKS} passages.`));
  }
  if (chunks.length === 0) return endWith(job, permanently('DOCUMENT_EMPTY', 'The document has no words.'));
  job.chunks = await prepareChunks(job, chunks, read.value, embedder.model);
  job.progress = { stage: 'embedding', done: 0, total: chunks.length };
}

async function enterChunks(services: IngestServices, jobs: IngestJob[], deadline: Deadline): Promise<void> {
  const { catalog, storeFingerprints } = services;
  const parts = jobs.map(({ lease, chunks }) => ({
    lease,
    entries: chunks.map(({ chunk: { chunkId }, textHash }) => ({ chunkId, textHash })),
  }));
  const entered = await catalog.chunkLedger.enter(parts, storeFingerprints.own, deadline);
  for (const [n, job] of jobs.entries()) {
    if (!entered.ok) endWith(job, entered.error);
    else if (entered.value[n] !== 'entered') refuseOverQuota(job, entered.value[n]);
  }
}

function refuseOverQuota(job: IngestJob, overQuota: OverQuota | undefined): void {
  if (overQuota === undefined) throw new Error('a document was left without a verdict');
  endWith(job, permanently('QUOTA_EXCEEDED', describeOverQuota(overQuota)));
}

// A document that breaks the chunker must not take the rest of the batch with it.
async function cutUp(
  services: IngestServices,
  job: IngestJob,
  content: string,
  contentType: ContentType,
  model: EmbeddingModel,
): Promise<Chunk[] | null> {
  const chunks: Chunk[] = [];
  let pausedAt = 0;
  try {
    const limits = chunkLimitsFor(
      model,
      services.settings.chunking,
      textRoom(job.record, services.storeFingerprints.own),
    );
    for (const { chunks: some, end } of chunkDocument(content, contentType, limits)) {
      for (const chunk of some) chunks.push(chunk);
      if (chunks.length > MAX_CHUNKS) break;
      if (end - pausedAt < CHARACTERS_BETWEEN_PAUSES) continue;
      pausedAt = end;
      await services.wait(0);
    }
    return chunks;
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    services.telemetry.emit({ event: 'bug', where: 'chunkDocument', message, stack: stack ?? null });
    endWith(job, permanently('CHUNKING_FAILED', 'The text could not be divided into passages.'));
    return null;
  }
}

async function prepareChunks(
  { record }: IngestJob,
  chunks: Chunk[],
  content: string,
  model: EmbeddingModel,
): Promise<PreparedChunk[]> {
  const { namespace, documentId, version, title, url, metadata } = record;
  const prepared: PreparedChunk[] = [];
  for (let at = 0; at < chunks.length; at += CHUNKS_AT_ONCE) {
    const slice = chunks.slice(at, at + CHUNKS_AT_ONCE).map(async (chunk, index) => {
      const n = at + index;
      const chunkId = await chunkIdOf(namespace, documentId, version, n);
      const lead = leadOf(content, chunks[n - 1], chunk);
      const stored = { chunkId, namespace, documentId, version, n, title, url, metadata, lead, ...chunk };
      return { chunk: stored, textHash: await textHashOf(stored, model) };
    });
    prepared.push(...(await Promise.all(slice)));
  }
  return prepared;
}

/** What cannot be read is embedded: that the version before is not at hand is no reason to wait. */
async function recogniseTexts(services: IngestServices, job: IngestJob, deadline: Deadline): Promise<void> {
  const { liveVersion, version } = job.record;
  if (liveVersion === null || liveVersion === version) return;
  const { catalog, storeFingerprints } = services;
  const replaced = { ...job.lease, version: liveVersion };
  const known = await catalog.chunkLedger.idsByText(replaced, storeFingerprints.own, deadline);
  if (known.ok) job.knownTexts = known.value;
}

function leadOf(content: string, before: Chunk | undefined, chunk: Chunk): string | null {
  if (before === undefined || chunk.start - before.end > MAX_LEAD_LENGTH) return null;
  if (chunk.start <= before.end) return '';
  const between = content.slice(before.end, chunk.start);
  return between.trim() === '' ? between : null;
}
