import { beforeAll, describe, expect, it } from 'vitest';
import { aChunk, inSeconds } from '../../test/read-path-builders.ts';
import type { Result } from '../result.ts';
import type { VectorRecord, VectorStore, WriteReceipt } from './vector-store.ts';

export interface VectorStoreUnderTest {
  store: VectorStore;
  dimensions: number;
}

const CONFIRM_SECONDS = 180;

/** What every `VectorStore` promises. Uses namespaces of its own, so it can run against an index in use. */
export function describeVectorStore(name: string, make: () => Promise<VectorStoreUnderTest>): void {
  describe(`the vector store ${name}`, { timeout: (CONFIRM_SECONDS + 30) * 1_000 }, () => {
    const run = `contract-${Date.now().toString(36)}`;
    let store: VectorStore;
    let dimensions = 0;

    beforeAll(async () => {
      ({ store, dimensions } = await make());
    }, 120_000);

    /** A unit vector at that angle from the first axis, in the plane of the first two. */
    function towards(degrees: number): Float32Array {
      const vector = new Float32Array(dimensions);
      vector[0] = Math.cos((degrees * Math.PI) / 180);
      vector[1] = Math.sin((degrees * Math.PI) / 180);
      return vector;
    }

    function record(namespace: string, chunkId: string, degrees: number, text = `Text of ${chunkId}.`): VectorRecord {
      return { chunk: aChunk({ chunkId: `${namespace}-${chunkId}`, namespace, text }), values: towards(degrees) };
    }

    async function settled(namespace: string, written: Result<WriteReceipt, unknown>): Promise<void> {
      const receipt = unwrap(written);
      await expect
        .poll(async () => unwrap(await store.isVisible(namespace, receipt, inSeconds(10))), {
          timeout: CONFIRM_SECONDS * 1_000,
          interval: 100,
        })
        .toBe(true);
    }

    async function write(namespace: string, records: VectorRecord[]): Promise<void> {
      await settled(namespace, await store.upsert(namespace, records, inSeconds(30)));
    }

    async function query(namespace: string, degrees: number, topK = 10) {
      return unwrap(await store.query({ namespace, vector: towards(degrees), topK }, inSeconds(10)));
    }

    const idsOf = (matches: { chunk: { chunkId: string } }[]) => matches.map(({ chunk }) => chunk.chunkId);

    it('finds what was written, nearest first, by cosine from −1 to 1', async () => {
      const ns = `${run}-a`;
      await write(ns, [record(ns, 'far', 180), record(ns, 'near', 0), record(ns, 'side', 90), record(ns, 'mid', 60)]);
      const matches = await query(ns, 0);
      expect(idsOf(matches)).toEqual(['near', 'mid', 'side', 'far'].map((id) => `${ns}-${id}`));
      for (const [index, cosine] of [1, 0.5, 0, -1].entries()) expect(matches[index]?.score).toBeCloseTo(cosine, 3);
      expect(idsOf(await query(ns, 0, 2))).toHaveLength(2);
    });

    it('gives back the whole chunk', async () => {
      const ns = `${run}-b`;
      const full = aChunk({
        chunkId: `${ns}-full`,
        namespace: ns,
        documentId: 'a/b ü.md',
        version: 1_790_000_000_000,
        n: 3,
        url: 'https://example.com/?a=1&b=2',
        headings: ['One', 'Zwei „drei“'],
        text: 'Zeile 1\n"quoted" \\ 日本語 🙂',
        start: 40,
        metadata: { lang: 'de', year: 2026, draft: false, tags: ['a', 'b'] },
      });
      const bare = aChunk({ chunkId: `${ns}-bare`, namespace: ns, title: null, url: null });
      await write(ns, [
        { chunk: full, values: towards(0) },
        { chunk: bare, values: towards(90) },
      ]);
      expect((await query(ns, 0)).map(({ chunk }) => chunk)).toEqual([full, bare]);
    });

    it('keeps namespaces apart, in reading, overwriting and deleting', async () => {
      const [mine, other] = [`${run}-c`, `${run}-d`];
      await write(mine, [record(mine, 'x', 0)]);
      await write(other, [record(other, 'x', 0)]);
      expect(idsOf(await query(mine, 0))).toEqual([`${mine}-x`]);
      expect(idsOf(await query(other, 0))).toEqual([`${other}-x`]);
      expect(await query(`${run}-nothing`, 0)).toEqual([]);
    });

    it('replaces a record written again', async () => {
      const ns = `${run}-e`;
      await write(ns, [record(ns, 'x', 0, 'Old.')]);
      await write(ns, [record(ns, 'x', 90, 'New.')]);
      const matches = await query(ns, 90);
      expect(matches.map(({ chunk }) => chunk.text)).toEqual(['New.']);
      expect(matches[0]?.score).toBeCloseTo(1, 3);
    });

    it('deletes by id and takes unknown ids for deleted', async () => {
      const ns = `${run}-f`;
      await write(ns, [record(ns, 'x', 0), record(ns, 'y', 10)]);
      await settled(ns, await store.delete(ns, [`${ns}-x`, `${ns}-unknown`], inSeconds(30)));
      await expect
        .poll(async () => idsOf(await query(ns, 0)), { timeout: CONFIRM_SECONDS * 1_000 })
        .toEqual([`${ns}-y`]);
    });

    it('takes a full batch, to write and to delete', async () => {
      const ns = `${run}-g`;
      const records = Array.from({ length: store.maxBatch }, (_, index) => record(ns, String(index), index / 10));
      await write(ns, records);
      expect(await query(ns, 0, 50)).toHaveLength(50);
      const ids = records.map(({ chunk }) => chunk.chunkId);
      await settled(ns, await store.delete(ns, ids, inSeconds(30)));
      await expect.poll(() => query(ns, 0), { timeout: CONFIRM_SECONDS * 1_000 }).toEqual([]);
    });

    it('refuses a vector of other dimensions as a matter of configuration', async () => {
      const found = await store.query({ namespace: run, vector: new Float32Array([1, 0]), topK: 1 }, inSeconds(10));
      expect(found).toMatchObject({ ok: false, error: { class: 'configuration' } });
    });

    it('calls nobody when no time is left', async () => {
      const found = await store.query({ namespace: run, vector: towards(0), topK: 1 }, inSeconds(0));
      expect(found).toMatchObject({ ok: false, error: { class: 'transient', code: 'DEADLINE' } });
    });
  });
}

function unwrap<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.error)}`);
  return result.value;
}
