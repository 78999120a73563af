import { describe, expect, it } from 'vitest';
import { startTestServer } from './vector-test-server.ts';

describe('fetch', () => {
  it('keeps the order asked for, with null for unknown ids', async () => {
    const { index } = await startTestServer();
    await index.upsert({ id: 'a', vector: [1, 0], data: 'text' });
    await index.upsert({ id: 'b', vector: [0.1, 0.2] });
    expect(await index.fetch(['b', 'none', 'a'], { includeVectors: true, includeData: true })).toEqual([
      { id: 'b', vector: [0.1, 0.2] },
      null,
      { id: 'a', vector: [1, 0], data: 'text' },
    ]);
  });

  it('finds by prefix, at most 1000', async () => {
    const { index } = await startTestServer();
    for (const start of [0, 700]) {
      await index.upsert(Array.from({ length: 700 }, (_, i) => ({ id: `p-${start + i}`, vector: [1, 0] })));
    }
    await index.upsert({ id: 'other', vector: [1, 0] });
    expect(await index.fetch({ prefix: 'oth' })).toEqual([{ id: 'other' }]);
    expect(await index.fetch({ prefix: 'p-' })).toHaveLength(1000);
    expect(await index.fetch({ prefix: 'none' })).toEqual([]);
  });
});

describe('upsert', () => {
  it('overwrites the whole vector, and of equal ids in one batch the last one stays', async () => {
    const { index } = await startTestServer();
    await index.upsert({ id: 'a', vector: [1, 0], metadata: { old: true }, data: 'old' });
    await index.upsert([
      { id: 'a', vector: [0, 1], metadata: { lost: true } },
      { id: 'a', vector: [0, -1] },
    ]);
    const everything = { includeVectors: true, includeMetadata: true, includeData: true };
    expect(await index.fetch(['a'], everything)).toEqual([{ id: 'a', vector: [0, -1] }]);
  });
});

describe('range', () => {
  it('pages in the order of insertion until the cursor is empty', async () => {
    const { index } = await startTestServer();
    await index.upsert(Array.from({ length: 12 }, (_, i) => ({ id: `v${i}`, vector: [1, i] })));
    const first = await index.range({ cursor: 0, limit: 5, includeVectors: true });
    expect(first.nextCursor).toBe('5');
    expect(first.vectors[1]).toEqual({ id: 'v1', vector: [1, 1] });

    const second = await index.range({ cursor: first.nextCursor, limit: 5 });
    const third = await index.range({ cursor: second.nextCursor, limit: 5 });
    expect(third).toEqual({ nextCursor: '', vectors: [{ id: 'v10' }, { id: 'v11' }] });
  });

  it('misses nothing when vectors of earlier pages are deleted or overwritten meanwhile', async () => {
    const { index } = await startTestServer();
    await index.upsert(Array.from({ length: 6 }, (_, i) => ({ id: `v${i}`, vector: [1, i] })));
    const first = await index.range({ cursor: 0, limit: 3 });
    await index.delete(['v0', 'v1']);
    await index.upsert({ id: 'v2', vector: [9, 9] });
    const rest = await index.range({ cursor: first.nextCursor, limit: 3 });
    expect(rest).toEqual({ nextCursor: '', vectors: [{ id: 'v3' }, { id: 'v4' }, { id: 'v5' }] });
  });

  it('walks a prefix', async () => {
    const { index } = await startTestServer();
    await index.upsert(['a1', 'b1', 'a2', 'b2', 'a3'].map((id) => ({ id, vector: [1, 0] })));
    const first = await index.range({ cursor: 0, limit: 2, prefix: 'a' });
    expect(first.vectors).toEqual([{ id: 'a1' }, { id: 'a2' }]);
    expect(await index.range({ cursor: first.nextCursor, limit: 2, prefix: 'a' })).toEqual({
      nextCursor: '',
      vectors: [{ id: 'a3' }],
    });
  });
});

describe('delete', () => {
  it('takes one id, many, a prefix or a filter and counts what existed', async () => {
    const { index } = await startTestServer();
    const ids = ['1', 'a', 'b', 'p1', 'p2', 'f1', 'f2'];
    await index.upsert(ids.map((id) => ({ id, vector: [1, 0], metadata: { kind: id[0] } })));
    expect(await index.delete(1)).toEqual({ deleted: 1 });
    expect(await index.delete(['a', 'a', 'b', 'none'])).toEqual({ deleted: 2 });
    expect(await index.delete({ prefix: 'p' })).toEqual({ deleted: 2 });
    expect(await index.delete({ filter: "kind = 'f'" })).toEqual({ deleted: 2 });
    expect(await index.delete({ filter: "kind = 'f'" })).toEqual({ deleted: 0 });
    expect((await index.range({ cursor: 0, limit: 10 })).vectors).toEqual([]);
  });

  it('deletes nothing from a namespace that never was, without creating it', async () => {
    const { index } = await startTestServer();
    expect(await index.namespace('none').delete('a')).toEqual({ deleted: 0 });
    expect(await index.listNamespaces()).toEqual(['']);
  });
});

describe('update', () => {
  const everything = { includeVectors: true, includeMetadata: true, includeData: true };

  it('replaces only what is given', async () => {
    const { index } = await startTestServer();
    await index.upsert({ id: 'a', vector: [1, 0], metadata: { x: 1, y: 2 }, data: 'text' });
    expect(await index.update({ id: 'a', metadata: { z: 3 } })).toEqual({ updated: 1 });
    expect(await index.update({ id: 'a', vector: [0, 1] })).toEqual({ updated: 1 });
    expect(await index.fetch(['a'], everything)).toEqual([
      { id: 'a', vector: [0, 1], metadata: { z: 3 }, data: 'text' },
    ]);
  });

  it('merges metadata with PATCH as RFC 7396 says', async () => {
    const { index } = await startTestServer();
    await index.upsert({ id: 'a', vector: [1, 0], metadata: { keep: 1, drop: 2, nested: { a: 1, b: [1, 2] } } });
    const patch = { drop: null, nested: { b: [3], c: { d: null, e: 4 } } };
    await index.update({ id: 'a', metadata: patch, metadataUpdateMode: 'PATCH' });
    const [vector] = await index.fetch(['a'], { includeMetadata: true });
    expect(vector?.metadata).toEqual({ keep: 1, nested: { a: 1, b: [3], c: { e: 4 } } });
  });

  it('refuses a patch whose result exceeds the metadata limit', async () => {
    const { index } = await startTestServer();
    await index.upsert({ id: 'a', vector: [1, 0], metadata: { one: 'x'.repeat(30_000) } });
    const patch = { two: 'x'.repeat(30_000) };
    await expect(index.update({ id: 'a', metadata: patch, metadataUpdateMode: 'PATCH' })).rejects.toThrow('48 KB');
  });

  it('says 0 for an unknown id and creates nothing', async () => {
    const { index } = await startTestServer();
    expect(await index.update({ id: 'none', metadata: { x: 1 } }, { namespace: 'ns' })).toEqual({ updated: 0 });
    expect(await index.listNamespaces()).toEqual(['']);
  });
});

describe('hosted embedding', () => {
  const embed = async (texts: string[]) =>
    texts.map((text) => Float32Array.of(text.includes('sea') ? 1 : 0, text.includes('hill') ? 1 : 0));
  const hosted = { embed, embeddingModel: 'local/two-words' };

  it('embeds what is upserted and asked as text', async () => {
    const { index } = await startTestServer(hosted);
    await index.upsert([
      { id: 'a', data: 'by the sea', metadata: { n: 1 } },
      { id: 'b', data: 'on the hill' },
    ]);
    const [best, other] = await index.query({ data: 'sea', topK: 2, includeData: true, includeMetadata: true });
    expect(best).toEqual({ id: 'a', score: 1, data: 'by the sea', metadata: { n: 1 } });
    expect(other).toEqual({ id: 'b', score: 0.5, data: 'on the hill' });

    const queries = ['hill', 'sea'].map((data) => ({ data, topK: 1 }));
    expect((await index.queryMany(queries)).map(([hit]) => hit?.id)).toEqual(['b', 'a']);
  });

  it('embeds anew when the data is updated, unless a vector comes with it', async () => {
    const { index } = await startTestServer(hosted);
    await index.upsert({ id: 'a', data: 'sea' });
    await index.update({ id: 'a', data: 'hill' });
    expect(await index.fetch(['a'], { includeVectors: true })).toEqual([{ id: 'a', vector: [0, 1] }]);
    await index.update({ id: 'a', data: 'sea', vector: [5, 5] });
    expect(await index.fetch(['a'], { includeVectors: true })).toEqual([{ id: 'a', vector: [5, 5] }]);
  });

  it('still takes vectors, and names its model', async () => {
    const { index } = await startTestServer(hosted);
    await index.upsert({ id: 'a', vector: [1, 0] });
    expect((await index.info()).denseIndex).toEqual({
      dimension: 2,
      similarityFunction: 'COSINE',
      embeddingModel: 'local/two-words',
    });
  });

  it('refuses vectors and texts mixed in one batch', async () => {
    const { index } = await startTestServer(hosted);
    const mixed = [
      { id: 'a', data: 'sea', vector: [1, 0] },
      { id: 'b', data: 'hill' },
    ];
    // The types of the client forbid the mixture; at run time it sends it.
    await expect(index.upsert(mixed as { id: string; vector: number[] }[])).rejects.toThrow('dense vector is required');
  });
});
