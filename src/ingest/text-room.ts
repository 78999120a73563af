import type { DocumentRecord } from '../catalog/document-record.ts';
import { encodeChunkMetadata } from '../retrieval/chunk-metadata.ts';
import { MAX_HEADING_JSON_BYTES } from './document-title.ts';

// https://developers.cloudflare.com/vectorize/platform/limits/
const MAX_METADATA_BYTES = 10_240;

// A few blank lines; more white space than that is not worth its place in every store.
export const MAX_LEAD_LENGTH = 32;

const HEADING_LEVELS = 6;
const QUOTES_AND_COMMA = 3;
const LONGEST_NUMBER = Number.MAX_SAFE_INTEGER;

export type DescribedDocument = Pick<
  DocumentRecord,
  'namespace' | 'documentId' | 'version' | 'title' | 'url' | 'metadata'
>;

/** How many bytes, as JSON, the text of each of a document's chunks may take beside all else a store keeps with it. */
export function textRoom(record: DescribedDocument, fingerprint: string): number {
  const { namespace, documentId, version, title, url, metadata } = record;
  const positions = { n: LONGEST_NUMBER, start: LONGEST_NUMBER, end: LONGEST_NUMBER };
  const described = { namespace, documentId, version, title, url, metadata };
  // A vertical tab is the white space that takes most room in JSON.
  const lead = '\v'.repeat(MAX_LEAD_LENGTH);
  const chunk = { chunkId: '', ...described, ...positions, headings: [], text: '', lead };
  const empty = encodeChunkMetadata(chunk, fingerprint);
  const rest = new TextEncoder().encode(JSON.stringify(empty)).length;
  return MAX_METADATA_BYTES - rest - HEADING_LEVELS * (MAX_HEADING_JSON_BYTES + QUOTES_AND_COMMA);
}
