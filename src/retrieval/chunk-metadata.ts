import * as z from 'zod';
import type { StoredChunk } from './passage.ts';

const metadataValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

// Neither vendor's filters know null: what is null is an absent key.
const chunkMetadata = z.object({
  v: z.literal(1),
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
export function encodeChunkMetadata(chunk: StoredChunk): ChunkMetadata {
  const { namespace, documentId, version, n, title, url, headings, text, start, end, lead, metadata } = chunk;
  return {
    v: 1,
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

/** `null` when the stored metadata is damaged, of another version or of another namespace than was asked for. */
export function decodeChunkMetadata(chunkId: string, namespace: string, stored: unknown): StoredChunk | null {
  const parsed = chunkMetadata.safeParse(stored);
  if (!parsed.success || parsed.data.namespace !== namespace) return null;
  const { v: _, title, url, lead, ...rest } = parsed.data;
  return { chunkId, title: title ?? null, url: url ?? null, lead: lead ?? null, ...rest };
}
