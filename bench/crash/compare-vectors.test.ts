import { expect, it } from 'vitest';
import { embeddedText } from '../../src/ingest/embedded-text.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import type { StoredPassage } from '../stack/ground-truth.ts';
import { compareVectors } from './compare-vectors.ts';

const model = embeddingModelNamed('local/all-MiniLM-L6-v2');

/** Two numbers that no other text has: enough to tell vectors apart. */
function vectorOf(text: string): Float32Array {
  return Float32Array.of(text.length, text.charCodeAt(text.length - 1));
}

function aPassage(n: number, change: Partial<StoredPassage> = {}): StoredPassage {
  const chunk = { title: 'The guide', headings: [`Part ${n}`], text: `The sentence of part ${n}` };
  return {
    ...{ namespace: 'docs', documentId: 'a', version: 7, n, chunkId: `a-7-${n}`, ...chunk },
    ...{ url: null, start: 0, end: chunk.text.length, lead: null, metadata: {}, vector: null },
    ...change,
  };
}

async function found(stored: StoredPassage[]): Promise<string[]> {
  if (model === null) throw new Error('the local model has another name');
  const lexical = stored.map((passage) => ({ ...passage, vector: null }));
  const embed = async (texts: string[]) => texts.map(vectorOf);
  const differences = await compareVectors({ indexes: { lexical, upstash: stored } }, { model, embed });
  return differences.map(({ kind, where, what }) => `${kind} in ${where}: ${what}`);
}

function withVectors(passages: StoredPassage[], ownerOf: (n: number) => number): StoredPassage[] {
  if (model === null) throw new Error('the local model has another name');
  const vectors = passages.map((passage) => vectorOf(embeddedText(passage, model)));
  return passages.map((passage, n) => ({ ...passage, vector: vectors[ownerOf(n)] ?? null }));
}

const THREE = [aPassage(1), aPassage(2), aPassage(3)];

it('finds nothing when each chunk has the vector of what the model reads of it', async () => {
  expect(await found(withVectors(THREE, (n) => n))).toEqual([]);
});

it('names the chunk whose vector another one has', async () => {
  expect(await found(withVectors(THREE, (n) => (n + 1) % THREE.length))).toEqual([
    'wrong in upstash: chunk 1 of version 7 with the vector of chunk 2 of docs/a',
    'wrong in upstash: chunk 2 of version 7 with the vector of chunk 3 of docs/a',
    'wrong in upstash: chunk 3 of version 7 with the vector of chunk 1 of docs/a',
  ]);
});

it('sees a vector that was made of the text without its title and headings', async () => {
  const bare = THREE.map((passage) => ({ ...passage, vector: vectorOf(passage.text) }));
  expect(await found(bare)).toHaveLength(THREE.length);
});
