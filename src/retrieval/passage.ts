import * as z from 'zod';

export const metadataValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
export type MetadataValue = z.infer<typeof metadataValue>;
export type Metadata = Record<string, MetadataValue>;

/** A chunk as every store keeps it: enough to answer and cite without a second hop. */
export const storedChunkSchema = z.object({
  /** At most 64 bytes: Vectorize's limit on vector ids. */
  chunkId: z.string(),
  namespace: z.string(),
  documentId: z.string(),
  version: z.number().int(),
  /** Position in the document, from 0. */
  n: z.number().int().nonnegative(),
  title: z.string().nullable(),
  url: z.string().nullable(),
  headings: z.array(z.string()),
  /** Exactly the stored text's slice from `start` to `end` (UTF-16 offsets). */
  text: z.string(),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  /** The white space between the chunk before and this one; `null` when more stands there, or nothing before. */
  lead: z.string().nullable(),
  metadata: z.record(z.string(), metadataValue),
});
export type StoredChunk = z.infer<typeof storedChunkSchema>;
