import { fail, type Result, succeed } from '../result.ts';
import { type Chunk, type ContentType, chunkDocument } from './chunk-document.ts';
import type { ChunkLimits } from './chunk-size.ts';
import { type JobError, permanently } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { PAUSE_MS } from './pause.ts';

// All of a document's chunks are in memory at once.
const MAX_CHUNKS = 20_000;

// A few milliseconds of parsing, also where every line is a block or a section: whatever else this thread has to do does
// not wait longer.
const CHARACTERS_BETWEEN_PAUSES = 4_000;
const LINES_BETWEEN_PAUSES = 15;
const STRETCHES_BETWEEN_PAUSES = 10;

/** All chunks of a document, with pauses. A document that breaks the chunker must not take others with it. */
export async function cutUp(
  { telemetry, wait }: Pick<IngestServices, 'telemetry' | 'wait'>,
  content: string,
  contentType: ContentType,
  limits: ChunkLimits,
): Promise<Result<Chunk[], JobError>> {
  const chunks: Chunk[] = [];
  let pausedAt = 0;
  let stretches = 0;
  try {
    for (const { chunks: some, end } of chunkDocument(content, contentType, limits)) {
      for (const chunk of some) chunks.push(chunk);
      if (chunks.length > MAX_CHUNKS) {
        return fail(permanently('TOO_MANY_CHUNKS', `The document makes more than ${MAX_CHUNKS} passages.`));
      }
      stretches += 1;
      const isShort = stretches < STRETCHES_BETWEEN_PAUSES && end - pausedAt < CHARACTERS_BETWEEN_PAUSES;
      if (isShort && !hasLines(content, pausedAt, end)) continue;
      pausedAt = end;
      stretches = 0;
      await wait(PAUSE_MS);
    }
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    telemetry.emit({ event: 'bug', where: 'chunkDocument', message, stack: stack ?? null });
    return fail(permanently('CHUNKING_FAILED', 'The text could not be divided into passages.'));
  }
  if (chunks.length === 0) return fail(permanently('DOCUMENT_EMPTY', 'The document has no words.'));
  return succeed(chunks);
}

/** True when there are as many lines as may be parsed without a pause. */
function hasLines(content: string, from: number, to: number): boolean {
  let at = from;
  for (let lines = 0; lines < LINES_BETWEEN_PAUSES; lines += 1) {
    at = content.indexOf('\n', at) + 1;
    if (at === 0 || at > to) return false;
  }
  return true;
}
