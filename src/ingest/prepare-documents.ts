import type { OverQuota } from '../catalog/quotas.ts';
import { partition } from '../partition.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { Chunk } from './chunk-document.ts';
import { chunkIdOf } from './chunk-id.ts';
import { chunkLimitsFor } from './chunk-size.ts';
import { cutUp } from './cut-up.ts';
import { describeOverQuota } from './describe-over-quota.ts';
import { isConverted, textOf } from './document-text.ts';
import {
  endWith,
  type IngestJob,
  type JobError,
  ongoing,
  POSTPONED_MS,
  type PreparedChunk,
  permanently,
} from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { reportProgress, stepDeadline } from './lease-deadline.ts';
import { PAUSE_MS } from './pause.ts';
import { textHashOf } from './text-hash.ts';
import { MAX_LEAD_LENGTH, textRoom } from './text-room.ts';

// Two hashes a chunk: some milliseconds without a pause.
const CHUNKS_AT_ONCE = 25;

/** Reads and cuts up the documents that some store lacks, and enters their chunks in the ledger. */
export async function prepareDocuments(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const deadline = stepDeadline(services);
  const unwritten = ongoing(jobs).filter((job) => job.missing.size > 0);
  const [converted, texts] = partition(unwritten, (job) => isConverted(job.record));
  await Promise.all(texts.map((job) => prepare(services, job, deadline)));
  await prepareConverted(services, converted, deadline);
  await enterChunks(services, ongoing(unwritten), deadline);
  await Promise.all(ongoing(unwritten).map((job) => recogniseTexts(services, job, deadline)));
  await reportProgress(services, jobs);
}

/** One after another: how long a text has become is not known before it is read, and all of them are in memory together. */
async function prepareConverted(services: IngestServices, jobs: IngestJob[], deadline: Deadline): Promise<void> {
  let characters = 0;
  for (const [n, job] of jobs.entries()) {
    if (n > 0 && characters >= services.settings.maxBatchBytes) job.end = { kind: 'postponed', delayMs: POSTPONED_MS };
    else characters += await prepare(services, job, deadline);
  }
}

/** How many characters of text the job's chunks are of. */
async function prepare(services: IngestServices, job: IngestJob, deadline: Deadline): Promise<number> {
  const { objects, embedder, settings, storeFingerprints } = services;
  const { key, contentType } = textOf(job.record);
  const read = await objects.read(key, deadline);
  if (!read.ok) return endedWith(job, read.error);
  if (read.value === null) return endedWith(job, permanently('SOURCE_MISSING', 'The stored text is gone.'));
  const room = textRoom(job.record, storeFingerprints.own);
  const limits = chunkLimitsFor(embedder.model, settings.chunking, room);
  const chunks = await cutUp(services, read.value, contentType, limits);
  if (!chunks.ok) return endedWith(job, chunks.error);
  job.chunks = await prepareChunks(services, job, chunks.value, read.value);
  job.progress = { stage: 'embedding', done: 0, total: chunks.value.length };
  return read.value.length;
}

function endedWith(job: IngestJob, error: JobError): 0 {
  endWith(job, error);
  return 0;
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

async function prepareChunks(
  { wait, embedder: { model } }: IngestServices,
  { record }: IngestJob,
  chunks: Chunk[],
  content: string,
): Promise<PreparedChunk[]> {
  const { namespace, documentId, version, title, url, metadata } = record;
  const prepared: PreparedChunk[] = [];
  for (let at = 0; at < chunks.length; at += CHUNKS_AT_ONCE) {
    // Hashes are there at once: without this all chunks would be one step.
    if (at > 0) await wait(PAUSE_MS);
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
