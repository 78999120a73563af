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

function passages(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `passage ${n} of a document`);
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
    let isBatchDone = false;
    const wholeBatch = pool.embed(passages(8)).then(() => {
      isBatchDone = true;
    });
    await pool.embed(['passage 7 of a document']);
    await pool.embed(['what does passage 7 say?']);
    expect(isBatchDone).toBe(false);
    await wholeBatch;
    expect(pool.stats().computedTexts).toBe(9);
  });

  it('lets whatever is said to be interactive overtake a batch, however many texts it has', async () => {
    const pool = aPool(1);
    let isBatchDone = false;
    const wholeBatch = pool.embed(passages(8)).then(() => {
      isBatchDone = true;
    });
    await pool.embed(['one sentence', 'another one', 'a third one', 'a fourth one'], { priority: 'interactive' });
    expect(isBatchDone).toBe(false);
    await wholeBatch;
  });

  it('lets a question overtake what a model reads, and that a batch', async () => {
    const pool = aPool(1);
    const finished: string[] = [];
    const embed = (name: 'interactive' | 'reading' | 'batch', texts: string[]) =>
      pool.embed(texts, { priority: name }).then(() => finished.push(name));
    const first = pool.embed(['what is under way']);
    const others = [
      embed('batch', passages(3)),
      embed('reading', ['one', 'two', 'three']),
      embed('interactive', ['ask']),
    ];
    await Promise.all([first, ...others]);
    expect(finished).toEqual(['interactive', 'reading', 'batch']);
  });

  it('lets what is said to be a batch wait its turn, however few texts it has', async () => {
    const pool = aPool(1);
    const finished: string[] = [];
    const embed = (name: string, texts: string[], priority: 'interactive' | 'batch') =>
      pool.embed(texts, { priority }).then(() => finished.push(name));
    const first = embed('first', ['taken at once'], 'batch');
    await Promise.all([first, embed('batch', ['one text'], 'batch'), embed('question', ['a question'], 'interactive')]);
    expect(finished).toEqual(['first', 'question', 'batch']);
  });

  it('computes no further text once nobody waits for it', async () => {
    const pool = aPool(1);
    const client = new AbortController();
    const left = expect(pool.embed(passages(8), { signal: client.signal })).rejects.toThrow('left');
    client.abort(new Error('left'));
    await left;
    await pool.embed(['a question of somebody else']);
    // The first text was being computed already.
    expect(pool.stats().computedTexts).toBe(2);
  });

  it('computes a text that somebody else waits for, and one that is asked for again', async () => {
    const pool = aPool(1);
    const client = new AbortController();
    const left = expect(pool.embed(passages(4), { signal: client.signal })).rejects.toThrow('left');
    const stays = pool.embed(['passage 3 of a document', 'passage 3 of a document']);
    client.abort(new Error('left'));
    await left;
    expect(await stays).toHaveLength(2);
    expect(pool.stats().computedTexts).toBe(2);
    expect(await pool.embed(passages(4))).toHaveLength(4);
    expect(pool.stats().computedTexts).toBe(4);
  });

  it('takes nothing on for a client that has left already', async () => {
    const pool = aPool();
    const options = { signal: AbortSignal.abort(new Error('left')) };
    await expect(pool.embed(['never computed'], options)).rejects.toThrow('left');
    expect(pool.stats().threadsStarted).toBe(0);
  });

  it('rejects what still waits when it is closed, and everything after', async () => {
    const pool = aPool();
    const waiting = expect(pool.embed(['never', 'to be', 'computed'])).rejects.toThrow('closed');
    await pool.close();
    await waiting;
    await expect(pool.embed(['late'])).rejects.toThrow('closed');
  });
});
