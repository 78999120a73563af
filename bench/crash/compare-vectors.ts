import { embeddedText } from '../../src/ingest/embedded-text.ts';
import type { EmbeddingModel } from '../../src/models/embedder.ts';
import type { GroundTruth, StoredPassage } from '../stack/ground-truth.ts';
import { type Difference, wrong } from './difference.ts';

// A store keeps four bytes a number, and prints fewer digits than they have.
const TOLERANCE = 1e-5;
const TEXTS_AT_ONCE = 100;

export interface EmbeddingSource {
  model: EmbeddingModel;
  /** What the model makes of each text, in order. */
  embed(texts: string[]): Promise<Float32Array[]>;
}

/** Vectors in the stores that are not those which the model makes of their own chunks, as the lexical index has these. */
export async function compareVectors(
  { indexes }: Pick<GroundTruth, 'indexes'>,
  { model, embed }: EmbeddingSource,
): Promise<Difference[]> {
  const lexical = indexes.lexical ?? [];
  const right = new Map<string, Float32Array>();
  for (let at = 0; at < lexical.length; at += TEXTS_AT_ONCE) {
    const some = lexical.slice(at, at + TEXTS_AT_ONCE);
    const vectors = await embed(some.map((chunk) => embeddedText(chunk, model)));
    for (const [n, vector] of vectors.entries()) right.set(some[n]?.chunkId ?? '', vector);
  }
  return Object.entries(indexes).flatMap(([where, passages]) =>
    passages.flatMap((passage): Difference[] => {
      const wanted = right.get(passage.chunkId);
      if (passage.vector === null || wanted === undefined || isSame(passage.vector, wanted)) return [];
      const { version, n } = passage;
      const what = `chunk ${n} of version ${version} with the vector of ${ownerOf(passage.vector, lexical, right)}`;
      return [wrong(where, passage, what)];
    }),
  );
}

function isSame(one: Float32Array, other: Float32Array): boolean {
  return one.length === other.length && one.every((value, n) => Math.abs(value - (other[n] ?? 0)) <= TOLERANCE);
}

function ownerOf(vector: Float32Array, lexical: StoredPassage[], right: ReadonlyMap<string, Float32Array>): string {
  const owner = lexical.find(({ chunkId }) => isSame(vector, right.get(chunkId) ?? new Float32Array()));
  return owner === undefined ? 'no chunk that is there' : `chunk ${owner.n} of ${owner.namespace}/${owner.documentId}`;
}
