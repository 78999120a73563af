import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddingCache } from './embedding-cache.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vigil-embedding-cache-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('the embedding cache', () => {
  it('shares vectors, bit by bit, between two that have it open', () => {
    const one = openEmbeddingCache({ directory, model: 'm', dimensions: 3 });
    const other = openEmbeddingCache({ directory, model: 'm', dimensions: 3 });
    const vector = Float32Array.of(0.1, -1 / 3, 1e-30);
    one.put('text', vector);
    expect(other.get('text')).toEqual(vector);
    expect(other.get('another text')).toBeNull();
    one.close();
    other.close();
  });

  it('keeps the models apart', () => {
    const one = openEmbeddingCache({ directory, model: 'm1', dimensions: 2 });
    const other = openEmbeddingCache({ directory, model: 'm2', dimensions: 2 });
    one.put('text', Float32Array.of(1, 0));
    expect(other.get('text')).toBeNull();
    one.close();
    other.close();
  });

  it('treats a vector of another length as absent', () => {
    const cache = openEmbeddingCache({ directory, model: 'm', dimensions: 3 });
    cache.put('text', Float32Array.of(1, 0));
    expect(cache.get('text')).toBeNull();
    cache.close();
  });
});
