import * as z from 'zod';
import { parseAnswer } from '../../resilience/bad-answer.ts';
import { metadataValue, type StoredChunk } from '../passage.ts';

/** A chunk as it stands in the table of passages. */
export const chunkRow = z.object({
  chunk_id: z.string(),
  namespace: z.string(),
  document_id: z.string(),
  version: z.number(),
  n: z.number(),
  title: z.string().nullable(),
  url: z.string().nullable(),
  headings: z.string(),
  text: z.string(),
  start_at: z.number(),
  end_at: z.number(),
  lead: z.string().nullable(),
  metadata: z.string(),
});

export const CHUNK_COLUMNS =
  'chunk_id, namespace, document_id, version, n, title, url, headings, text, start_at, end_at, lead, metadata';

const headings = z.array(z.string());
const metadata = z.record(z.string(), metadataValue);

export function chunkOf(stored: z.infer<typeof chunkRow>): StoredChunk {
  return {
    chunkId: stored.chunk_id,
    namespace: stored.namespace,
    documentId: stored.document_id,
    version: stored.version,
    n: stored.n,
    title: stored.title,
    url: stored.url,
    headings: parseAnswer(headings, JSON.parse(stored.headings)),
    text: stored.text,
    start: stored.start_at,
    end: stored.end_at,
    lead: stored.lead,
    metadata: parseAnswer(metadata, JSON.parse(stored.metadata)),
  };
}
