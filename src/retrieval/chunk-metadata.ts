import * as z from 'zod';
import { UNKNOWN_FINGERPRINT } from './fingerprint.ts';
import { metadataValue, type StoredChunk } from './passage.ts';

// What an index of somebody else's may hold under that name is not worth a log line.
const fingerprint = z.string().regex(/^[\w@./-]{1,200}$/);

// Schema 1 had no fingerprint, and nobody knows what its vectors were made with.
const origin = z.discriminatedUnion('v', [
  z.object({ v: z.literal(1), namespace: z.string(), fingerprint: fingerprint.default(UNKNOWN_FINGERPRINT) }),
  z.object({ v: z.literal(2), namespace: z.string(), fingerprint }),
]);

// Neither vendor's filters know null: what is null is an absent key.
const chunkMetadata = z.object({
  v: z.literal(2),
  fingerprint,
  namespace: z.string(),
  documentId: z.string(),
  version: z.number().int(),
  n: z.number().int().nonnegative(),
  title: z.exactOptional(z.string()),
  url: z.exactOptional(z.string()),
  headings: z.array(z.string()),
  text: z.string(),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  lead: z.exactOptional(z.string()),
  metadata: z.record(z.string(), metadataValue),
});

export type ChunkMetadata = z.infer<typeof chunkMetadata>;

/** A chunk as a vector store keeps it beside the vector; the owner's metadata is nested so that names never collide. */
export function encodeChunkMetadata(chunk: StoredChunk, fingerprint: string): ChunkMetadata {
  const { namespace, documentId, version, n, title, url, headings, text, start, end, lead, metadata } = chunk;
  return {
    v: 2,
    fingerprint,
    namespace,
    documentId,
    version,
    n,
    ...(title === null ? {} : { title }),
    ...(url === null ? {} : { url }),
    headings,
    text,
    start,
    end,
    ...(lead === null ? {} : { lead }),
    metadata,
  };
}

export type StoredRecord =
  | { kind: 'chunk'; chunk: StoredChunk }
  /** Made with another model or chunker: its score means nothing. */
  | { kind: 'foreign'; fingerprint: string }
  /** Unreadable, of another version or of another namespace than was asked for. */
  | { kind: 'damaged' };

export function decodeChunkMetadata(
  chunkId: string,
  stored: unknown,
  expected: { namespace: string; fingerprint: string },
): StoredRecord {
  const madeBy = origin.safeParse(stored);
  if (!madeBy.success || madeBy.data.namespace !== expected.namespace) return { kind: 'damaged' };
  if (madeBy.data.fingerprint !== expected.fingerprint) {
    return { kind: 'foreign', fingerprint: madeBy.data.fingerprint };
  }
  const parsed = chunkMetadata.safeParse(stored);
  if (!parsed.success) return { kind: 'damaged' };
  const { v: _, fingerprint: __, title, url, lead, ...rest } = parsed.data;
  return { kind: 'chunk', chunk: { chunkId, title: title ?? null, url: url ?? null, lead: lead ?? null, ...rest } };
}
