import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmbeddingPool, type EmbeddingPool, LOCAL_EMBEDDING_DIMENSIONS } from './embedding-pool.ts';

let embeddingCacheDir: string;
const pools: EmbeddingPool[] = [];

function aPool(threads?: number): EmbeddingPool {
  const pool = createEmbeddingPool({ embeddingCacheDir, ...(threads === undefined ? {} : { threads }) });
  pools.push(pool);
  return pool;
}

function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || !b) throw new Error('a vector is missing');
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0);
}

beforeEach(() => {
  embeddingCacheDir = mkdtempSync(join(tmpdir(), 'vigil-embeddings-'));
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  rmSync(embeddingCacheDir, { recursive: true });
});

describe('the embedding pool', () => {
  it('gives unit-length vectors of the real model, in which related words are neighbours', async () => {
    const [cat, kitten, carburetor] = await aPool().embed(['cat', 'kitten', 'carburetor']);
    expect(cat).toHaveLength(LOCAL_EMBEDDING_DIMENSIONS);
    expect(cosine(cat, cat)).toBeCloseTo(1, 5);
    expect(cosine(cat, kitten)).toBeGreaterThan(cosine(cat, carburetor) + 0.2);
  });

  it('gives a text the same vector alone, in a batch, and on another thread', async () => {
    const texts = ['the first text', 'the second text', 'the third text', 'the first text'];
    const together = await aPool(2).embed(texts);
    rmSync(embeddingCacheDir, { recursive: true });
    const [alone] = await aPool(1).embed(['the first text']);
    expect(together[0]).toEqual(alone);
    expect(together[3]).toEqual(alone);
  });

  it('computes a text asked for twice at once only once', async () => {
    const pool = aPool();
    await Promise.all([pool.embed(['same', 'same']), pool.embed(['same'])]);
    expect(pool.stats().computedTexts).toBe(1);
  });

  it('answers a text from disk without loading the model, also in a later process', async () => {
    const [computed] = await aPool().embed(['kept on disk']);
    const later = aPool();
    const [cached] = await later.embed(['kept on disk']);
    expect(cached).toEqual(computed);
    expect(later.stats()).toEqual({ threadsStarted: 0, cachedTexts: 1, computedTexts: 0 });
  });

  it('lets a question overtake a batch, even for a text that waits in the batch', async () => {
    const pool = aPool(1);
    const batch = Array.from({ length: 8 }, (_, n) => `passage ${n} of a document`);
    let isBatchDone = false;
    const wholeBatch = pool.embed(batch).then(() => {
      isBatchDone = true;
    });
    await pool.embed(['passage 7 of a document']);
    await pool.embed(['what does passage 7 say?']);
    expect(isBatchDone).toBe(false);
    await wholeBatch;
    expect(pool.stats().computedTexts).toBe(9);
  });

  it('rejects what still waits when it is closed, and everything after', async () => {
    const pool = aPool();
    const waiting = expect(pool.embed(['never', 'to be', 'computed'])).rejects.toThrow('closed');
    await pool.close();
    await waiting;
    await expect(pool.embed(['late'])).rejects.toThrow('closed');
  });
});
