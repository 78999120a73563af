import type { EmbeddingModel } from '../models/embedder.ts';
import { estimateTokens } from '../models/token-estimate.ts';
import type { Deadline } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { StoredChunk } from '../retrieval/passage.ts';
import { describedInput } from './accept-document.ts';
import type { Chunk, ContentType } from './chunk-document.ts';
import { type Chunking, chunkLimitsFor } from './chunk-size.ts';
import { type ConversionServices, makeText } from './convert/make-text.ts';
import { cutUp } from './cut-up.ts';
import { bytesOf, type DocumentIdentity, type DocumentInput, identify } from './document-identity.ts';
import { type DocumentSource, type GivenSource, readSource } from './document-source.ts';
import { defaultTitle, plainTitle } from './document-title.ts';
import { embeddedText } from './embedded-text.ts';
import { type JobError, permanently } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { PAUSE_MS } from './pause.ts';
import { describedBy } from './read-front-matter.ts';
import { textHashOf } from './text-hash.ts';
import { textRoom } from './text-room.ts';

export interface MeasureServices extends ConversionServices, Pick<IngestServices, 'clock' | 'sources'> {
  settings: ConversionServices['settings'] & { model: EmbeddingModel; chunking: Chunking; fingerprint: string };
}

/** What can be said of a document by itself: without its text, so that many may be in memory. */
export interface MeasuredDocument {
  documentId: string;
  identity: DocumentIdentity;
  source: Pick<DocumentSource, 'kind'>;
  title: string | null;
  contentBytes: number;
  chunks: MeasuredChunk[];
}

export interface MeasuredChunk {
  textHash: string;
  /** Estimated, as the model would be given it. */
  tokens: number;
}

/** A document as far as it can be told without ingesting it. */
interface Read extends Pick<StoredChunk, 'url' | 'metadata'> {
  title: string | null;
  text: string;
  contentType: ContentType;
  contentBytes: number;
}

/** Reads, converts and cuts a document as an ingestion would. */
export async function measureDocument(
  services: MeasureServices,
  given: DocumentInput,
  deadline: Deadline,
): Promise<Result<MeasuredDocument, JobError>> {
  const input = describedInput(given);
  if (input === null) return fail(permanently('DOCUMENT_EMPTY', 'The document has no words to search for.'));
  const identity = await identify(input);
  const read = await readDocument(services, input, deadline);
  if (!read.ok) return read;
  const chunks = await chunksOf(services, input, read.value);
  if (!chunks.ok) return chunks;
  const { title, contentBytes } = read.value;
  const { documentId, source } = input;
  const measured = await measure(services, chunks.value);
  return succeed({ documentId, identity, source: { kind: source.kind }, title, contentBytes, chunks: measured });
}

async function readDocument(
  services: MeasureServices,
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
  { sources }: MeasureServices,
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
  services: MeasureServices,
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

async function measure(
  { settings: { model }, wait }: MeasureServices,
  chunks: StoredChunk[],
): Promise<MeasuredChunk[]> {
  const measured: MeasuredChunk[] = [];
  for (const [n, chunk] of chunks.entries()) {
    if (n % CHUNKS_BETWEEN_PAUSES === 0) await wait(PAUSE_MS);
    measured.push({ textHash: await textHashOf(chunk, model), tokens: estimateTokens(embeddedText(chunk, model)) });
  }
  return measured;
}

const CHUNKS_BETWEEN_PAUSES = 200;
