import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { aChunk, anUpstreamError, aRace, aVectorStore, inSeconds } from '../../test/read-path-builders.ts';
import type { Reranker } from '../models/reranker.ts';
import { EMPTY_STATE, type NamespaceState } from '../namespaces/namespace-state.ts';
import { fail, succeed } from '../result.ts';
import type { MetadataFilter } from './filters/metadata-filter.ts';
import { type SearchServices, searchIndexes } from './search-indexes.ts';
import type { VectorMatch, VectorStore } from './vector-store.ts';

const clock = createManualClock();
const deadline = inSeconds(5, clock);

type Help = Parameters<typeof searchIndexes>[3];

const embedding: Help['embedding'] = {
  vector: async () => succeed({ vector: new Float32Array(3), tokens: 4, estimated: false, cache: 'miss' }),
};

interface StoreParts {
  asked?: string[];
  isComplete?: boolean;
  filters?: (MetadataFilter | null)[];
}

function aStore(
  name: string,
  answer: VectorMatch[] | 'TIMEOUT' | '40041',
  parts: string[] | StoreParts = [],
): VectorStore {
  const { asked = [], isComplete = true, filters = [] } = Array.isArray(parts) ? { asked: parts } : parts;
  return aVectorStore(name, async ({ filter }) => {
    asked.push(name);
    filters.push(filter);
    if (typeof answer === 'string') return fail(anUpstreamError({ dependency: name, code: answer }));
    return succeed({ matches: answer, isComplete });
  });
}

const match = (chunkId: string, version = 1): VectorMatch => ({ chunk: aChunk({ chunkId, version }), score: 0.5 });

const lexicalMatch = (chunkId: string, score: number) => ({ chunk: aChunk({ chunkId }), score });

function services(parts: Partial<SearchServices> = {}): SearchServices {
  return {
    ...aRace(clock),
    vectorStores: [aStore('vectorize', [match('v1'), match('both')])],
    lexicalIndex: {
      search: async () => succeed({ matches: [lexicalMatch('both', 4), lexicalMatch('l2', 2)], rowsRead: 7 }),
    },
    liveness: { liveVersions: async () => succeed(new Map([['guide.md', 1]])) },
    namespaceStates: { current: async () => ({ kind: 'known', state: EMPTY_STATE, isConfirmed: true }) },
    reranker: null,
    ...parts,
  };
}

const request = {
  namespace: 'docs',
  question: 'limit?',
  topK: 10,
  extra: 0,
  mode: 'hybrid',
  cache: 'default',
  filter: null,
  maxPerDocument: null,
} as const;
const down = anUpstreamError({ dependency: 'lexical', code: 'D1_ERROR' });
const lexicalDown: SearchServices['lexicalIndex'] = { search: async () => fail(down) };

/** The question is embedded, and nothing makes its search needless. */
const unaided: Help = { embedding, spare: async () => null };

async function retrieved(
  parts: Partial<SearchServices>,
  changes: Partial<Parameters<typeof searchIndexes>[1]> = {},
  help: Partial<Help> = {},
) {
  const result = await searchIndexes(services(parts), { ...request, ...changes }, deadline, { ...unaided, ...help });
  if (!result.ok || result.value.kind === 'spared') throw new Error('retrieval failed');
  return { ...result.value, ids: result.value.chunks.map(({ chunk }) => chunk.chunkId) };
}

describe('retrieval', () => {
  it('puts what both legs found first and says who served it', async () => {
    const { ids, servedBy, degraded, usage } = await retrieved({});
    expect(ids).toEqual(['both', 'v1', 'l2']);
    expect(servedBy).toBe('vectorize');
    expect(degraded).toEqual([]);
    expect(usage).toEqual({
      embeddingTokens: 4,
      estimated: false,
      vectorStores: ['vectorize'],
      rowsRead: 8,
      rerank: null,
    });
  });

  it('searches again when a document was replaced meanwhile, so that it is there by one of its versions', async () => {
    const versions = [1, 2];
    const search = async () => succeed({ matches: [match('v', versions[0])], isComplete: true });
    const asked: string[] = [];
    const vectorStores = [
      aVectorStore('vectorize', async () => {
        asked.push('vectorize');
        return search();
      }),
    ];
    const liveness: SearchServices['liveness'] = {
      async liveVersions() {
        versions.shift();
        return succeed(new Map([['guide.md', 2]]));
      },
    };
    const { chunks, usage } = await retrieved({ vectorStores, liveness, lexicalIndex: lexicalDown });
    expect(chunks.map(({ chunk }) => chunk.version)).toEqual([2]);
    expect(asked).toHaveLength(2);
    expect(usage).toMatchObject({ embeddingTokens: 4, vectorStores: ['vectorize', 'vectorize'], rowsRead: 2 });
  });

  it('does not search for ever for a version that the indexes do not show', async () => {
    const asked: string[] = [];
    const vectorStores = [aStore('vectorize', [match('v', 1)], asked)];
    const liveness = { liveVersions: async () => succeed(new Map([['guide.md', 2]])) };
    const { ids } = await retrieved({ vectorStores, liveness, lexicalIndex: lexicalDown });
    expect([ids, asked.length]).toEqual([[], 2]);
  });

  it('does not search again for a document that is deleted, or whose next version is on its way', async () => {
    for (const live of [new Map(), new Map([['guide.md', 1]])]) {
      const asked: string[] = [];
      const vectorStores = [aStore('vectorize', [match('v1', 1), match('v2', 2)], asked)];
      await retrieved({ vectorStores, liveness: { liveVersions: async () => succeed(live) } });
      expect(asked).toHaveLength(1);
    }
  });

  it('mixes no two versions of a document while the catalog is down', async () => {
    const vectorStores = [aStore('vectorize', [match('new', 2), match('old', 1)])];
    const liveness = { liveVersions: async () => fail(down) };
    expect((await retrieved({ vectorStores, liveness, lexicalIndex: lexicalDown })).ids).toEqual(['old']);
    const state: NamespaceState = { ...EMPTY_STATE, retired: [['guide.md', 1]] };
    const namespaceStates: SearchServices['namespaceStates'] = {
      current: async () => ({ kind: 'known', state, isConfirmed: true }),
    };
    const later = await retrieved({ vectorStores, liveness, namespaceStates, lexicalIndex: lexicalDown });
    expect(later.ids).toEqual(['new']);
  });

  it('returns at most topK', async () => {
    expect((await retrieved({}, { topK: 2 })).ids).toEqual(['both', 'v1']);
  });

  it('asks the next store when one fails, in their order, and stops at the first answer', async () => {
    const asked: string[] = [];
    const vectorStores = [
      aStore('vectorize', 'TIMEOUT', asked),
      aStore('vectorize-replica', '40041', asked),
      aStore('upstash', [match('u1')], asked),
      aStore('upstash-spare', [match('u2')], asked),
    ];
    const { servedBy, degraded, ids } = await retrieved({ vectorStores, lexicalIndex: lexicalDown });
    expect(asked).toEqual(['vectorize', 'vectorize-replica', 'upstash']);
    expect(servedBy).toBe('upstash');
    expect(ids).toEqual(['u1']);
    expect(degraded).toEqual([
      { step: 'retrieval:vectorize', reason: 'TIMEOUT' },
      { step: 'retrieval:vectorize-replica', reason: '40041' },
      { step: 'retrieval:lexical', reason: 'D1_ERROR' },
    ]);
  });

  it('takes no matches for an answer', async () => {
    const asked: string[] = [];
    const vectorStores = [aStore('vectorize', [], asked), aStore('upstash', [match('u1')], asked)];
    const { servedBy, ids } = await retrieved({ vectorStores, lexicalIndex: lexicalDown });
    expect({ asked, servedBy, ids }).toEqual({ asked: ['vectorize'], servedBy: 'vectorize', ids: [] });
  });

  it('is lexical when every store fails', async () => {
    const vectorStores = [aStore('vectorize', 'TIMEOUT'), aStore('upstash', 'TIMEOUT')];
    const { servedBy, ids, degraded } = await retrieved({ vectorStores });
    expect(servedBy).toBe('lexical');
    expect(ids).toEqual(['both', 'l2']);
    expect(degraded.map(({ step }) => step)).toEqual(['retrieval:vectorize', 'retrieval:upstash']);
  });

  it('is lexical when the question cannot be embedded, and asks no store', async () => {
    const asked: string[] = [];
    const failing = {
      vector: async () => fail({ ...anUpstreamError({ code: '3040' }), cache: 'unavailable' as const }),
    };
    const vectorStores = [aStore('vectorize', [match('v1')], asked)];
    const { servedBy, degraded } = await retrieved({ vectorStores }, {}, { embedding: failing });
    expect({ servedBy, asked }).toEqual({ servedBy: 'lexical', asked: [] });
    expect(degraded).toEqual([
      { step: 'cache:embedding', reason: 'UNAVAILABLE' },
      { step: 'embedding', reason: '3040' },
    ]);
  });

  it('has a store embed the question when the model cannot, and says that the model failed', async () => {
    const failing = { vector: async () => fail({ ...anUpstreamError({ code: '3040' }), cache: 'miss' as const }) };
    const texts: string[] = [];
    const hosting: VectorStore = {
      ...aStore('upstash', 'TIMEOUT'),
      queryText: async ({ text }) => {
        texts.push(text);
        return succeed({ matches: [match('u1')], isComplete: true });
      },
    };
    const asked: string[] = [];
    const vectorStores = [aStore('vectorize', [match('v1')], asked), hosting];
    const { servedBy, degraded, usage } = await retrieved({ vectorStores }, {}, { embedding: failing });
    expect({ servedBy, asked, texts }).toEqual({ servedBy: 'upstash', asked: [], texts: ['limit?'] });
    expect(degraded).toEqual([{ step: 'embedding', reason: '3040' }]);
    expect(usage).toMatchObject({ embeddingTokens: 0, vectorStores: ['upstash'] });
  });

  it('has nothing embedded while every store turns questions away', async () => {
    const asked: string[] = [];
    const rejectionOf = (dependency: string) => anUpstreamError({ dependency, code: 'BREAKER_OPEN' });
    const vectorStores = [aStore('vectorize', [match('v1')], asked), aStore('upstash', [], asked)];
    const circuits = { rejectionOf, isProbing: () => false };
    const unwanted = { vector: () => Promise.reject(new Error('it was asked')) };
    const { servedBy, degraded, usage } = await retrieved({ vectorStores, circuits }, {}, { embedding: unwanted });
    expect({ servedBy, asked }).toEqual({ servedBy: 'lexical', asked: [] });
    expect(degraded.map(({ step, reason }) => `${step} ${reason}`)).toEqual([
      'retrieval:vectorize BREAKER_OPEN',
      'retrieval:upstash BREAKER_OPEN',
    ]);
    expect(usage.embeddingTokens).toBe(0);
  });

  it('asks no store when the question’s vector shows that no search is needed', async () => {
    const asked: string[] = [];
    const vectorStores = [aStore('vectorize', [match('v1')], asked)];
    const spare = async (vector: Float32Array) => `known by ${vector.length} numbers`;
    const result = await searchIndexes(services({ vectorStores }), request, deadline, { embedding, spare });
    expect(result).toMatchObject({
      ok: true,
      value: { kind: 'spared', by: 'known by 3 numbers', embedding: { cache: 'miss', tokens: 4 }, degraded: [] },
    });
    expect(asked).toEqual([]);
  });

  it('fails only when every leg failed', async () => {
    const result = await searchIndexes(
      services({ vectorStores: [aStore('vectorize', 'TIMEOUT')], lexicalIndex: lexicalDown }),
      request,
      deadline,
      unaided,
    );
    expect(result).toMatchObject({ ok: false, error: { errors: [{ code: 'TIMEOUT' }, { code: 'D1_ERROR' }] } });
  });

  it('uses one leg alone when asked to, and no other when that one fails', async () => {
    expect((await retrieved({}, { mode: 'vector' })).ids).toEqual(['v1', 'both']);
    const lexical = await retrieved({}, { mode: 'lexical' });
    expect(lexical.ids).toEqual(['both', 'l2']);
    expect(lexical).toMatchObject({ servedBy: 'lexical', embeddingCache: 'bypass', timings: { embeddingMs: null } });
    const stores = [aStore('vectorize', 'TIMEOUT')];
    const failed = await searchIndexes(
      services({ vectorStores: stores }),
      { ...request, mode: 'vector' },
      deadline,
      unaided,
    );
    expect(failed.ok).toBe(false);
  });

  it('drops chunks of a version that is not live, and of documents that are gone', async () => {
    const gone = { chunk: aChunk({ chunkId: 'gone', documentId: 'deleted.md' }), score: 0.9 };
    const vectorStores = [aStore('vectorize', [gone, match('old', 1), match('new', 2)])];
    const liveness = { liveVersions: async () => succeed(new Map([['guide.md', 2]])) };
    expect((await retrieved({ vectorStores, liveness })).ids).toEqual(['new']);
  });

  it('keeps everything when the catalog cannot be asked, and says so', async () => {
    const liveness = { liveVersions: async () => fail(anUpstreamError({ code: 'D1_ERROR' })) };
    const { ids, degraded } = await retrieved({ liveness });
    expect(ids).toHaveLength(3);
    expect(degraded).toEqual([{ step: 'liveness', reason: 'D1_ERROR' }]);
  });

  it('drops what it knows to be retired even then, whether or not it may still trust that', async () => {
    const liveness = { liveVersions: async () => fail(anUpstreamError({ code: 'D1_ERROR' })) };
    const state: NamespaceState = { ...EMPTY_STATE, content: 1, retired: [['guide.md', 1]] };
    const vectorStores = [aStore('vectorize', [match('old', 1), match('new', 2)])];
    for (const reading of [
      { kind: 'known', state, isConfirmed: true } as const,
      { kind: 'unknown', last: state } as const,
    ]) {
      const namespaceStates = { current: async () => reading };
      const { ids } = await retrieved({ liveness, namespaceStates, vectorStores, lexicalIndex: lexicalDown });
      expect(ids).toEqual(['new']);
    }
  });

  it('(peers 1) drops what is as old as deleted documents that the state cannot name, even then, and nothing else', async () => {
    const liveness = { liveVersions: async () => fail(anUpstreamError({ code: 'TIMEOUT' })) };
    const vectorStores = [aStore('vectorize', [match('v1', 1), match('v2', 2), match('v3', 3)])];
    const found = async (state: NamespaceState) => {
      const namespaceStates: SearchServices['namespaceStates'] = {
        current: async () => ({ kind: 'known', state, isConfirmed: true }),
      };
      return (await retrieved({ liveness, namespaceStates, vectorStores, lexicalIndex: lexicalDown })).ids;
    };
    // The oldest that is left of a document.
    expect(await found({ ...EMPTY_STATE, content: 2_500, horizon: 1_500 })).toEqual(['v1']);
    expect(await found({ ...EMPTY_STATE, content: 2_500, horizon: 1_500, unnamed: [1, 2] })).toEqual(['v3']);
    expect(await found({ ...EMPTY_STATE, content: 2_500, horizon: 1_500, unnamed: [1, 3] })).toEqual([]);
  });

  it('gives the filter to both legs', async () => {
    const filter: MetadataFilter = { op: 'eq', key: 'lang', value: 'en' };
    const filters: (MetadataFilter | null)[] = [];
    const lexicalIndex: SearchServices['lexicalIndex'] = {
      search: async (query) => {
        filters.push(query.filter);
        return succeed({ matches: [], rowsRead: 0 });
      },
    };
    await retrieved({ vectorStores: [aStore('vectorize', [], { filters })], lexicalIndex }, { filter });
    expect(filters).toEqual([filter, filter]);
  });

  it('says when a store could not apply the whole filter and found too few', async () => {
    const filter: MetadataFilter = { op: 'contains', key: 'tags', value: 'api' };
    const vectorStores = [aStore('vectorize', [match('v1'), match('v2')], { isComplete: false })];
    const { degraded } = await retrieved({ vectorStores }, { filter });
    expect(degraded).toEqual([{ step: 'filter:vectorize', reason: 'INCOMPLETE' }]);
    const enough = await retrieved({ vectorStores }, { filter, topK: 2, extra: 1 });
    expect(enough.degraded).toEqual([]);
    expect((await retrieved({ vectorStores }, { filter, topK: 2 })).degraded).toEqual([]);
  });

  it('returns at most so many passages of a document as asked for', async () => {
    expect((await retrieved({}, { maxPerDocument: 1 })).ids).toHaveLength(1);
  });

  it('takes the reranker’s order and scores, what it left out last', async () => {
    const reranker: Reranker = {
      name: '@cf/baai/bge-reranker-base',
      rerank: async () => {
        const scores = [
          { id: 'v1', score: 0.2 },
          { id: 'l2', score: 0.9 },
        ];
        return succeed({ scores, tokens: 300, estimated: true });
      },
    };
    const { ids, usage, chunks } = await retrieved({ reranker });
    expect(ids).toEqual(['l2', 'v1', 'both']);
    expect(chunks.map(({ score }) => score)).toEqual([0.9, 0.2, 0]);
    expect(usage.rerank).toEqual({ model: '@cf/baai/bge-reranker-base', tokens: 300, estimated: true });
  });

  it('keeps the fused order when the reranker fails, and says so', async () => {
    const reranker: Reranker = { name: 'r', rerank: async () => fail(anUpstreamError({ code: '3040' })) };
    const { ids, degraded } = await retrieved({ reranker });
    expect(ids).toEqual((await retrieved({})).ids);
    expect(degraded).toEqual([{ step: 'rerank', reason: '3040' }]);
  });
});
