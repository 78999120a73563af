import { decodeChunkMetadata } from './chunk-metadata.ts';
import type { VectorRecord } from './vector-store.ts';

export interface RawRecord {
  id: string;
  values: ArrayLike<number>;
  metadata?: unknown;
}

/** The records that can be read, by id; one of another model, chunker or namespace is as good as none. */
export function readRecords(
  answer: RawRecord[],
  expected: { namespace: string; fingerprint: string },
): Map<string, VectorRecord> {
  const records = new Map<string, VectorRecord>();
  for (const { id, values, metadata } of answer) {
    const record = decodeChunkMetadata(id, metadata, expected);
    if (record.kind === 'chunk') records.set(id, { chunk: record.chunk, values: Float32Array.from(values) });
  }
  return records;
}
