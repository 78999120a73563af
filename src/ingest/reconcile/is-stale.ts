import type { LedgerChunk } from '../../catalog/ledger-pages.ts';
import type { EmbeddingModel } from '../../models/embedder.ts';
import type { StoredChunk } from '../../retrieval/passage.ts';
import { textHashOf } from '../text-hash.ts';

/**
 * Chunks whose content is not what it should be, by the store that has them. What the catalog knows of a chunk decides;
 * about the rest, its place in the text, the stores have to agree: most of them are right, and where they are divided
 * nobody can tell, so that all are written again.
 */
export async function staleChunks(
  ledger: LedgerChunk[],
  held: ReadonlyMap<string, ReadonlyMap<string, StoredChunk>>,
  model: EmbeddingModel,
): Promise<{ store: string; chunk: LedgerChunk }[]> {
  const stale: { store: string; chunk: LedgerChunk }[] = [];
  for (const chunk of ledger) {
    const copies = [...held].flatMap(([store, chunks]) => {
      const stored = chunks.get(chunk.chunkId);
      return stored === undefined ? [] : [{ store, stored }];
    });
    const judged = await Promise.all(
      copies.map(async (copy) => ({ ...copy, isTrue: await isTrueTo(chunk, copy.stored, model) })),
    );
    const agreed = majorityOf(judged.filter(({ isTrue }) => isTrue).map(({ stored }) => placeOf(stored)));
    for (const { store, stored, isTrue } of judged) {
      if (!isTrue || placeOf(stored) !== agreed) stale.push({ store, chunk });
    }
  }
  return stale;
}

async function isTrueTo(chunk: LedgerChunk, stored: StoredChunk, model: EmbeddingModel): Promise<boolean> {
  const isOfChunk =
    stored.documentId === chunk.documentId &&
    stored.version === chunk.version &&
    stored.n === chunk.n &&
    stored.title === chunk.title &&
    stored.url === chunk.url &&
    stored.end - stored.start === stored.text.length &&
    inOrder(stored.metadata) === inOrder(chunk.metadata);
  if (!isOfChunk) return false;
  return chunk.textHash === null || (await textHashOf(stored, model)) === chunk.textHash;
}

function inOrder(metadata: StoredChunk['metadata']): string {
  return JSON.stringify(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function placeOf({ start, end, lead, headings, text }: StoredChunk): string {
  return JSON.stringify([start, end, lead, headings, text]);
}

function majorityOf(places: string[]): string | null {
  const byCount = [...Map.groupBy(places, (place) => place)].sort(([, a], [, b]) => b.length - a.length);
  const [first, second] = byCount;
  if (first === undefined || first[1].length === second?.[1].length) return null;
  return first[0];
}
