import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aChunk, inSeconds } from '../../test/read-path-builders.ts';
import type { Result } from '../result.ts';
import { matchesFilter } from './filters/matches-filter.ts';
import type { MetadataFilter } from './filters/metadata-filter.ts';
import type { Metadata } from './passage.ts';
import type { ChunkIdPage, VectorQuery, VectorRecord, VectorStore, WriteReceipt } from './vector-store.ts';

export interface VectorStoreUnderTest {
  open(): Promise<VectorStore>;
  /** The same index, in the eyes of a deployment with another model of the same dimensions. */
  openWithAnotherModel(): Promise<VectorStore>;
  dimensions: number;
  /** Begins every namespace and every id; lower case, at most 40 characters. */
  scratchName: string;
  /** A write has to be seen that long after it; looked for that often. */
  visibility: { withinMs: number; everyMs: number };
  /** Decimal places to which a score is the cosine: a store may compute it approximately. */
  scoreDigits: number;
  /** Given the namespaces that were written to, when every vector in them is deleted. */
  removeNamespaces?(namespaces: string[]): Promise<void>;
}

const MOST_WAITS_PER_TEST = 3;

/** What every `VectorStore` promises. Uses namespaces of its own, so it can run against an index in use. */
export function describeVectorStore(name: string, options: VectorStoreUnderTest): void {
  const { dimensions, scratchName: run, visibility, scoreDigits } = options;
  const untilVisible = { timeout: visibility.withinMs, interval: visibility.everyMs };

  describe(`the vector store ${name}`, { timeout: MOST_WAITS_PER_TEST * visibility.withinMs + 60_000 }, () => {
    const written = new Map<string, Set<string>>();
    let store: VectorStore;

    beforeAll(async () => {
      store = await options.open();
    }, 120_000);

    afterAll(async () => {
      const deleted: Result<WriteReceipt, unknown>[] = [];
      for (const [namespace, ids] of written) {
        for (const batch of batches([...ids], store.maxBatch)) {
          deleted.push(await store.delete(namespace, batch, inSeconds(30)));
        }
      }
      await options.removeNamespaces?.([...written.keys()]);
      for (const result of deleted) unwrap(result);
    }, 120_000);

    /** A unit vector at that angle from an even one, in a plane in which no dimension is left out. */
    function towards(degrees: number): Float32Array {
      const along = Math.cos((degrees * Math.PI) / 180) / Math.sqrt(dimensions);
      const across = Math.sin((degrees * Math.PI) / 180) / Math.sqrt(dimensions);
      return Float32Array.from({ length: dimensions }, (_, index) => along + (index % 2 === 0 ? across : -across));
    }

    function record(
      namespace: string,
      chunkId: string,
      degrees: number,
      text = `Text of ${chunkId}.`,
      metadata: Metadata = {},
    ): VectorRecord {
      const chunk = aChunk({ chunkId: `${namespace}-${chunkId}`, namespace, text, metadata });
      return { chunk, values: towards(degrees) };
    }

    async function settled(namespace: string, receiptOf: Result<WriteReceipt, unknown>): Promise<void> {
      const receipt = unwrap(receiptOf);
      const isVisible = async () => unwrap(await store.isVisible(namespace, receipt, inSeconds(10)));
      await expect.poll(isVisible, untilVisible).toBe(true);
    }

    async function write(namespace: string, records: VectorRecord[]): Promise<void> {
      const ids = records.map(({ chunk }) => chunk.chunkId);
      written.set(namespace, new Set([...(written.get(namespace) ?? []), ...ids]));
      await settled(namespace, await store.upsert(namespace, records, inSeconds(30)));
    }

    async function answerTo(query: Omit<VectorQuery, 'vector'>, degrees = 0) {
      return unwrap(await store.query({ ...query, vector: towards(degrees) }, inSeconds(10)));
    }

    async function query(namespace: string, degrees: number, topK = 10) {
      const { matches, isComplete } = await answerTo({ namespace, topK, filter: null }, degrees);
      expect(isComplete).toBe(true);
      return matches;
    }

    const idsOf = (matches: { chunk: { chunkId: string } }[]) => matches.map(({ chunk }) => chunk.chunkId);

    it('finds what was written, nearest first, by cosine from −1 to 1', async () => {
      const ns = `${run}-a`;
      await write(ns, [record(ns, 'far', 180), record(ns, 'near', 0), record(ns, 'side', 90), record(ns, 'mid', 60)]);
      const matches = await query(ns, 0);
      expect(idsOf(matches)).toEqual(['near', 'mid', 'side', 'far'].map((id) => `${ns}-${id}`));
      for (const [index, cosine] of [1, 0.5, 0, -1].entries())
        expect(matches[index]?.score).toBeCloseTo(cosine, scoreDigits);
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

    it('(peers 23) keeps namespaces apart, in reading, overwriting and deleting', async () => {
      const [mine, other] = [`${run}-c`, `${run}-d`];
      await write(mine, [record(mine, 'x', 0)]);
      await write(other, [record(other, 'x', 0)]);
      expect(idsOf(await query(mine, 0))).toEqual([`${mine}-x`]);
      expect(idsOf(await query(other, 0))).toEqual([`${other}-x`]);
      expect(await query(`${run}-nothing`, 0)).toEqual([]);
      await settled(mine, await store.delete(mine, [`${mine}-x`], inSeconds(30)));
      expect(idsOf(await query(other, 0))).toEqual([`${other}-x`]);
    });

    it('(peers 23) keeps namespaces apart when a filter asks for another one', async () => {
      const [mine, other] = [`${run}-h`, `${run}-h-2`];
      await write(mine, [record(mine, 'x', 0, 'Mine.', { owner: 'me' })]);
      await write(other, [record(other, 'x', 0, 'Other.', { owner: 'you', namespace: mine })]);
      const filters: MetadataFilter[] = [
        { op: 'eq', key: 'owner', value: 'you' },
        { op: 'eq', key: 'namespace', value: other },
        { op: 'in', key: 'namespace', values: [mine, other] },
      ];
      for (const filter of filters) {
        expect((await answerTo({ namespace: mine, topK: 10, filter })).matches).toEqual([]);
      }
      const anything: MetadataFilter = { op: 'not', filter: { op: 'exists', key: 'nothing', value: true } };
      expect(idsOf((await answerTo({ namespace: mine, topK: 10, filter: anything })).matches)).toEqual([`${mine}-x`]);
    });

    it('applies a filter before it counts to topK, or says that more may match', async () => {
      const ns = `${run}-i`;
      const metadata = (n: number): Metadata => ({ year: 1970 + n, tags: n === 55 ? ['rare'] : [] });
      await write(
        ns,
        Array.from({ length: 60 }, (_, n) => record(ns, String(n), n, undefined, metadata(n))),
      );
      const late = await answerTo({ namespace: ns, topK: 3, filter: { op: 'gte', key: 'year', value: 1990 } });
      expect(late).toMatchObject({ isComplete: true });
      expect(idsOf(late.matches)).toEqual(['20', '21', '22'].map((n) => `${ns}-${n}`));
      // What a vendor cannot express is applied to the page it gave: these may lie beyond it.
      const rare: MetadataFilter = { op: 'contains', key: 'tags', value: 'rare' };
      const notEarly: MetadataFilter = { op: 'not', filter: { op: 'lt', key: 'year', value: 2025 } };
      for (const [filter, expected] of [
        [rare, ['55']],
        [notEarly, ['55', '56', '57']],
      ] as const) {
        const { matches, isComplete } = await answerTo({ namespace: ns, topK: 3, filter });
        for (const { chunk } of matches) expect(matchesFilter(filter, chunk.metadata)).toBe(true);
        if (isComplete) expect(idsOf(matches)).toEqual(expected.map((n) => `${ns}-${n}`));
      }
    });

    it('(peers 6) replaces a record written again', async () => {
      const ns = `${run}-e`;
      await write(ns, [record(ns, 'x', 0, 'Old.')]);
      await write(ns, [record(ns, 'x', 90, 'New.')]);
      const matches = await query(ns, 90);
      expect(matches.map(({ chunk }) => chunk.text)).toEqual(['New.']);
      expect(matches[0]?.score).toBeCloseTo(1, scoreDigits);
    });

    it('deletes by id and takes unknown ids for deleted', async () => {
      const ns = `${run}-f`;
      await write(ns, [record(ns, 'x', 0), record(ns, 'y', 10)]);
      await settled(ns, await store.delete(ns, [`${ns}-x`, `${ns}-unknown`], inSeconds(30)));
      await expect.poll(async () => idsOf(await query(ns, 0)), untilVisible).toEqual([`${ns}-y`]);
    });

    it('takes a full batch, to write and to delete', async () => {
      const ns = `${run}-g`;
      const records = Array.from({ length: store.maxBatch }, (_, index) => record(ns, String(index), index / 10));
      await write(ns, records);
      expect(await query(ns, 0, 50)).toHaveLength(50);
      const ids = records.map(({ chunk }) => chunk.chunkId);
      await settled(ns, await store.delete(ns, ids, inSeconds(30)));
      await expect.poll(() => query(ns, 0), untilVisible).toEqual([]);
    });

    it('fetches whole records by id and leaves out what is not there', async () => {
      const [ns, other] = [`${run}-k`, `${run}-k-2`];
      const mine = record(ns, 'x', 30, undefined, { tags: ['a'], year: 2026 });
      await write(ns, [mine, record(ns, 'y', 60)]);
      await write(other, [record(other, 'x', 0)]);
      const asked = [`${ns}-x`, `${ns}-unknown`, `${other}-x`];
      const found = unwrap(await store.fetch(ns, asked, inSeconds(30)));
      expect([...found.keys()]).toEqual([`${ns}-x`]);
      const fetched = found.get(`${ns}-x`);
      expect(fetched?.chunk).toEqual(mine.chunk);
      expect(fetched?.values).toBeInstanceOf(Float32Array);
      for (const [index, value] of mine.values.entries()) expect(fetched?.values[index]).toBeCloseTo(value, 5);
      expect(unwrap(await store.fetch(`${run}-nothing`, [`${ns}-x`], inSeconds(30)))).toEqual(new Map());
    });

    it('fetches as many records at once as it says', async () => {
      const ns = `${run}-l`;
      const records = Array.from({ length: store.maxFetch }, (_, index) => record(ns, String(index), index / 10));
      const ids = records.map(({ chunk }) => chunk.chunkId);
      for (const batch of batches(records, store.maxBatch)) await write(ns, batch);
      expect(new Set(unwrap(await store.fetch(ns, ids, inSeconds(30))).keys())).toEqual(new Set(ids));
    });

    it('knows which ids are there, whoever wrote them', async () => {
      const ns = `${run}-o`;
      await write(ns, [record(ns, 'x', 0), record(ns, 'y', 30)]);
      const other = await options.openWithAnotherModel();
      for (const asked of [store, other]) {
        const present = unwrap(await asked.present(ns, [`${ns}-x`, `${ns}-none`, `${ns}-y`], inSeconds(30)));
        expect(present.sort()).toEqual([`${ns}-x`, `${ns}-y`]);
      }
    });

    it('fetches nothing that was made with another model', async () => {
      const ns = `${run}-m`;
      const other = await options.openWithAnotherModel();
      await write(ns, [record(ns, 'x', 0)]);
      expect(unwrap(await other.fetch(ns, [`${ns}-x`], inSeconds(30)))).toEqual(new Map());
    });

    it('lists the ids of a namespace, if it can list at all', async () => {
      if (store.list === null) return;
      const [ns, other] = [`${run}-n`, `${run}-n-2`];
      const ids = Array.from({ length: 7 }, (_, index) => `${ns}-${index}`);
      await write(
        ns,
        ids.map((_, index) => record(ns, String(index), index)),
      );
      await write(other, [record(other, 'x', 0)]);
      const listed: string[] = [];
      let cursor: string | null = null;
      do {
        const page: ChunkIdPage = unwrap(await store.list(ns, cursor, inSeconds(30)));
        listed.push(...page.ids);
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(listed.sort()).toEqual(ids);
      const nothing = await store.list(`${run}-nothing`, null, inSeconds(30));
      expect(unwrap(nothing)).toEqual({ ids: [], nextCursor: null });
    });

    it('refuses matches of another model as a matter of configuration, also when they are few', async () => {
      const ns = `${run}-j`;
      const other = await options.openWithAnotherModel();
      await write(ns, [record(ns, 'x', 0), record(ns, 'y', 20)]);
      const asked = { namespace: ns, vector: towards(0), topK: 10, filter: null };
      const mismatch = { ok: false, error: { class: 'configuration', code: 'FINGERPRINT_MISMATCH' } };
      expect(await other.query(asked, inSeconds(10))).toMatchObject(mismatch);
      await settled(ns, await other.upsert(ns, [record(ns, 'x', 0)], inSeconds(30)));
      for (const each of [store, other]) expect(await each.query(asked, inSeconds(10))).toMatchObject(mismatch);
      const nothing = { ...asked, namespace: `${run}-nothing` };
      expect(await other.query(nothing, inSeconds(10))).toMatchObject({ ok: true, value: { matches: [] } });
    });

    it('refuses a written vector of other dimensions as a matter of configuration', async () => {
      const chunk = aChunk({ chunkId: `${run}-short`, namespace: run });
      const written = await store.upsert(run, [{ chunk, values: new Float32Array([1, 0]) }], inSeconds(10));
      expect(written).toMatchObject({ ok: false, error: { class: 'configuration' } });
      if (!written.ok) expect(written.error.message).toMatch(/dimension/);
    });

    it('refuses a vector of other dimensions as a matter of configuration', async () => {
      const found = await store.query(
        { namespace: run, vector: new Float32Array([1, 0]), topK: 1, filter: null },
        inSeconds(10),
      );
      expect(found).toMatchObject({ ok: false, error: { class: 'configuration' } });
      if (!found.ok) expect(found.error.message).toMatch(/dimension/);
    });

    it('calls nobody when no time is left', async () => {
      const found = await store.query({ namespace: run, vector: towards(0), topK: 1, filter: null }, inSeconds(0));
      expect(found).toMatchObject({ ok: false, error: { class: 'transient', code: 'DEADLINE' } });
    });
  });
}

function batches<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

function unwrap<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.error)}`);
  return result.value;
}
