import type { StoredChunk } from './passage.ts';
import type { RankedChunk } from './rank-chunks.ts';

// About a thousand tokens: one passage must leave room for others in a prompt.
const MAX_JOINED_CHARACTERS = 4_000;

/** The best of each document, no more than so many; the order stays. */
export function limitPerDocument(ranked: RankedChunk[], maxPerDocument: number | null): RankedChunk[] {
  if (maxPerDocument === null) return ranked;
  const counts = new Map<string, number>();
  return ranked.filter(({ chunk }) => {
    const count = (counts.get(chunk.documentId) ?? 0) + 1;
    counts.set(chunk.documentId, count);
    return count <= maxPerDocument;
  });
}

/**
 * Chunks that follow one another in a document, as one: what was cut for the embedding model is read in one piece. It
 * stands where its best part stood, under that part's id. Only where the text between them is known, so that the whole
 * is exactly the document's slice.
 */
export function joinAdjacent(ranked: RankedChunk[]): RankedChunk[] {
  const left = new Map(ranked.map(({ chunk }) => [placeOf(chunk, chunk.n), chunk]));
  const taken = new Set<StoredChunk>();
  return ranked.flatMap((best) => {
    if (taken.has(best.chunk)) return [];
    const run = runAround(best.chunk, left);
    for (const part of run) {
      taken.add(part);
      left.delete(placeOf(part, part.n));
    }
    return [run.length === 1 ? best : { ...best, chunk: joined(best.chunk, run) }];
  });
}

function runAround(best: StoredChunk, left: ReadonlyMap<string, StoredChunk>): StoredChunk[] {
  let run = [best];
  for (;;) {
    const [first = best, last = best] = [run[0], run.at(-1)];
    const before = first.lead === null ? undefined : left.get(placeOf(first, first.n - 1));
    const after = left.get(placeOf(last, last.n + 1));
    const longer = [before && [before, ...run], after && after.lead !== null && [...run, after]].find(
      (parts) => parts && lengthOf(parts) <= MAX_JOINED_CHARACTERS,
    );
    if (!longer) return run;
    run = longer;
  }
}

function joined(best: StoredChunk, run: StoredChunk[]): StoredChunk {
  const [first = best, ...rest] = run;
  let { text, end } = first;
  for (const part of rest) {
    // Chunks may overlap: what is there already is not said twice.
    text += `${part.lead ?? ''}${part.text.slice(Math.max(0, end - part.start))}`;
    end = part.end;
  }
  return { ...best, n: first.n, headings: first.headings, lead: first.lead, text, start: first.start, end: endOf(run) };
}

function lengthOf(run: StoredChunk[]): number {
  return endOf(run) - (run[0]?.start ?? 0);
}

function endOf(run: StoredChunk[]): number {
  return run.at(-1)?.end ?? 0;
}

function placeOf({ documentId, version }: StoredChunk, n: number): string {
  return JSON.stringify([documentId, version, n]);
}
