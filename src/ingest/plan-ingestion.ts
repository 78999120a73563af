import type { DocumentRecord } from '../catalog/document-record.ts';
import { costOfIngestion } from '../cost/ingestion-cost.ts';
import type { EmbeddingModel } from '../models/embedder.ts';
import { estimateTokens } from '../models/token-estimate.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { StoredChunk } from '../retrieval/passage.ts';
import { type Acceptance, describedInput, isUnchanged } from './accept-document.ts';
import type { Chunk, ContentType } from './chunk-document.ts';
import { type Chunking, chunkLimitsFor } from './chunk-size.ts';
import { type ConversionServices, makeText } from './convert/make-text.ts';
import { cutUp } from './cut-up.ts';
import { bytesOf, type DocumentInput, identify } from './document-identity.ts';
import { type GivenSource, readSource } from './document-source.ts';
import { defaultTitle, plainTitle } from './document-title.ts';
import { embeddedText } from './embedded-text.ts';
import { type JobError, permanently } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { PAUSE_MS } from './pause.ts';
import type { PlanTurn } from './plan-turn.ts';
import { describedBy } from './read-front-matter.ts';
import { textHashOf } from './text-hash.ts';
import { textRoom } from './text-room.ts';

export interface PlanServices extends ConversionServices, Pick<IngestServices, 'catalog' | 'clock' | 'sources'> {
  turn: PlanTurn;
  settings: ConversionServices['settings'] & {
    model: EmbeddingModel;
    chunking: Chunking;
    storeNames: string[];
    fingerprint: string;
    planDeadlineMs: number;
  };
}

export type PlanFailure = JobError | UpstreamError;

/** What ingesting a document would come to. */
export interface IngestionPlan extends Pick<Acceptance, 'outcome' | 'duplicateOf'> {
  title: string | null;
  contentBytes: number;
  chunks: { total: number; unchanged: number };
  /** Estimated, as the model would be given them. */
  tokens: { total: number; toEmbed: number };
  costUsd: number;
  storageUsd: number;
  /** True when a model without a listed price was charged like the dearest one. */
  isPriceEstimated: boolean;
}

/** A document as far as it can be told without ingesting it. */
interface Read extends Pick<DocumentRecord, 'title' | 'url' | 'metadata'> {
  text: string;
  contentType: ContentType;
  contentBytes: number;
}

/**
 * Reads, converts and cuts a document as an ingestion would, and says what that would cost. Nothing is kept, embedded
 * or changed.
 */
export async function planIngestion(
  services: PlanServices,
  given: DocumentInput,
): Promise<Result<IngestionPlan, PlanFailure>> {
  const { catalog, clock, settings } = services;
  const input = describedInput(given);
  if (input === null) return fail(permanently('DOCUMENT_EMPTY', 'The document has no words to search for.'));
  const deadline = deadlineIn(clock, settings.planDeadlineMs);
  const identity = await identify(input);
  const { namespace, documentId } = input;
  const seen = await catalog.documents.lookUp(namespace, documentId, identity.contentHash, deadline);
  if (!seen.ok) return seen;
  const { record, duplicateOf } = seen.value;
  const read = await readDocument(services, input, deadline);
  if (!read.ok) return read;
  const chunks = await chunksOf(services, input, read.value);
  if (!chunks.ok) return chunks;
  const known = await knownTexts(services, record, deadline);
  if (!known.ok) return known;
  const isSame = record !== null && isUnchanged(record, input, identity, settings.fingerprint);
  const outcome = isSame ? 'unchanged' : record === null || record.state === 'deleting' ? 'created' : 'updated';
  const { title, contentBytes } = read.value;
  return succeed({
    ...{ outcome, duplicateOf, title, contentBytes },
    ...(await countAndPrice(services, chunks.value, isSame ? null : known.value)),
  });
}

async function readDocument(
  services: PlanServices,
  input: DocumentInput,
  deadline: Deadline,
): Promise<Result<Read, JobError>> {
  const found = await originalOf(services, input, deadline);
  if (!found.ok) return found;
  const { original, url } = found.value;
  const { documentId } = input;
  const made = await makeText(services, original, { documentId, baseUrl: url }, deadline);
  if (!made.ok) return made;
  const contentType = original.contentType === 'text/plain' ? 'text/plain' : 'text/markdown';
  const given = { title: input.title, url, metadata: input.metadata };
  const described = original.contentType === 'text/markdown' ? describedBy(made.value.text, given) : given;
  const ownTitle = made.value.title === null ? null : plainTitle(made.value.title);
  const title = described.title ?? ownTitle ?? defaultTitle(documentId, made.value.text, contentType);
  return succeed({ ...described, title, text: made.value.text, contentType, contentBytes: bytesOf(original) });
}

async function originalOf(
  { sources }: PlanServices,
  { source, url }: DocumentInput,
  deadline: Deadline,
): Promise<Result<{ original: GivenSource; url: string | null }, JobError>> {
  if (source.kind !== 'url') return succeed({ original: source, url });
  const fetched = await sources.fetch(source.sourceUrl, deadline);
  if (!fetched.ok) return fetched;
  const { mediaType, bytes, contentType } = fetched.value;
  const original = readSource(mediaType, bytes, contentType);
  if (!original.ok) return fail(permanently(original.error.code, original.error.message));
  return succeed({ original: original.value, url: url ?? fetched.value.url });
}

async function chunksOf(
  services: PlanServices,
  { namespace, documentId }: DocumentInput,
  read: Read,
): Promise<Result<StoredChunk[], JobError>> {
  const { model, chunking, fingerprint } = services.settings;
  const { title, url, metadata } = read;
  const described = { namespace, documentId, version: services.clock.nowMs(), title, url, metadata };
  const limits = chunkLimitsFor(model, chunking, textRoom(described, fingerprint));
  const cut = await cutUp(services, read.text, read.contentType, limits);
  if (!cut.ok) return cut;
  return succeed(cut.value.map((chunk: Chunk, n) => ({ ...described, ...chunk, chunkId: '', n, lead: null })));
}

/** What need not be embedded again: chunks of the version that answers come from now. */
async function knownTexts(
  { catalog, settings }: PlanServices,
  record: DocumentRecord | null,
  deadline: Deadline,
): Promise<Result<ReadonlyMap<string, string>, UpstreamError>> {
  if (record === null || record.liveVersion === null) return succeed(new Map());
  return catalog.chunkLedger.idsByText({ ...record, version: record.liveVersion }, settings.fingerprint, deadline);
}

/** `known` is `null` when nothing would be done at all. */
async function countAndPrice(
  { settings, wait }: PlanServices,
  chunks: StoredChunk[],
  known: ReadonlyMap<string, string> | null,
) {
  const { model, storeNames } = settings;
  let [unchanged, total, toEmbed] = [0, 0, 0];
  for (const [n, chunk] of chunks.entries()) {
    if (n % CHUNKS_BETWEEN_PAUSES === 0) await wait(PAUSE_MS);
    const tokens = estimateTokens(embeddedText(chunk, model));
    total += tokens;
    if (known === null || known.has(await textHashOf(chunk, model))) unchanged += 1;
    else toEmbed += tokens;
  }
  const written = known === null ? 0 : chunks.length;
  const { costUsd, storageUsd, estimated } = costOfIngestion({
    embedding: { model: model.name, tokens: toEmbed },
    vectors: { stores: storeNames, dimensions: model.dimensions, count: written },
  });
  return {
    chunks: { total: chunks.length, unchanged },
    tokens: { total, toEmbed },
    ...{ costUsd, storageUsd, isPriceEstimated: estimated },
  };
}

const CHUNKS_BETWEEN_PAUSES = 200;
