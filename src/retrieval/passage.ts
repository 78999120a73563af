export type MetadataValue = string | number | boolean | string[];
export type Metadata = Record<string, MetadataValue>;

/** A chunk as every store keeps it: enough to answer and cite without a second hop. */
export interface StoredChunk {
  /** At most 64 bytes: Vectorize's limit on vector ids. */
  chunkId: string;
  namespace: string;
  documentId: string;
  version: number;
  /** Position in the document, from 0. */
  n: number;
  title: string | null;
  url: string | null;
  headings: string[];
  /** Exactly the stored text's slice from `start` to `end` (UTF-16 offsets). */
  text: string;
  start: number;
  end: number;
  /** The white space between the chunk before and this one; `null` when more stands there, or nothing before. */
  lead: string | null;
  metadata: Metadata;
}
