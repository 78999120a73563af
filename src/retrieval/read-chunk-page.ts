import type { LiveChunks } from '../catalog/live-chunks.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { LexicalIndex } from './lexical/lexical-index.ts';
import type { StoredChunk } from './passage.ts';

/** The place of a chunk in a version. */
export interface ChunkPosition {
  version: number;
  n: number;
}

export interface ChunkPage {
  /** `null` while no version is live. */
  version: number | null;
  chunks: StoredChunk[];
  /** What the next page comes after; `null` on the last one. */
  next: ChunkPosition | null;
}

const ROUNDS = 2;

/**
 * A page of the chunks that answers come from, as the lexical index has them. `stale` when another version than that of
 * the page before is live by now, `unknown` when there is no such document.
 */
export async function readChunkPage(
  { liveChunks, lexicalIndex }: { liveChunks: LiveChunks; lexicalIndex: Pick<LexicalIndex, 'read'> },
  { namespace, documentId }: { namespace: string; documentId: string },
  { after, limit }: { after: ChunkPosition | null; limit: number },
  deadline: Deadline,
): Promise<Result<ChunkPage | 'stale' | 'unknown', UpstreamError>> {
  let page: ChunkPage = { version: null, chunks: [], next: null };
  for (let round = 0; round < ROUNDS; round += 1) {
    const asked = { after: after?.n ?? -1, limit: limit + 1 };
    const listed = await liveChunks.page(namespace, documentId, asked, deadline);
    if (!listed.ok) return listed;
    if (listed.value === null) return succeed('unknown');
    const { version } = listed.value;
    if (after !== null && after.version !== version) return succeed('stale');
    const wanted = listed.value.chunks.slice(0, limit);
    const read = await lexicalIndex.read(
      wanted.map(({ chunkId }) => chunkId),
      deadline,
    );
    if (!read.ok) return read;
    const last = wanted.at(-1);
    const hasMore = listed.value.chunks.length > limit && last !== undefined && version !== null;
    page = {
      version,
      chunks: read.value.sort((a, b) => a.n - b.n),
      next: hasMore ? { version, n: last.n } : null,
    };
    // With some missing, another version may have gone live between the two reads.
    if (read.value.length === wanted.length) break;
  }
  return succeed(page);
}
