import { describe, expect, it, vi } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { aChunk, callUpstreamWith, inSeconds, silentTelemetry } from '../../test/read-path-builders.ts';
import { encodeChunkMetadata } from './chunk-metadata.ts';
import type { MetadataFilter } from './filters/metadata-filter.ts';
import type { Metadata } from './passage.ts';
import { createVectorizeStore, type VectorizeBinding } from './vectorize-store.ts';

const FINGERPRINT = 'model/3/mean/chunker-1';

function storeOver(binding: Partial<Record<keyof VectorizeBinding, (...args: unknown[]) => unknown>>) {
  const clock = createManualClock();
  const store = createVectorizeStore({
    name: 'vectorize',
    // Only the methods a test is about are there; a call of any other fails the test.
    index: binding as unknown as VectorizeBinding,
    fingerprint: FINGERPRINT,
    callUpstream: callUpstreamWith(clock),
    clock,
    telemetry: silentTelemetry,
    filterable: new Map([['lang', 'string']]),
    queryTimeoutMs: 1_000,
    writeTimeoutMs: 1_000,
  });
  return { store, clock, deadline: inSeconds(60, clock) };
}

describe('matches of a Vectorize index', () => {
  const query = { namespace: 'docs', vector: new Float32Array(3), topK: 5, filter: null };
  const good = { id: 'chunk-1', score: 0.5, metadata: encodeChunkMetadata(aChunk(), FINGERPRINT) };

  it('lose a damaged one and keep the rest', async () => {
    const { store, deadline } = storeOver({
      query: async () => ({ count: 2, matches: [{ id: 'x', score: 0.9, metadata: { v: 0 } }, good] }),
    });
    expect(await store.query(query, deadline)).toEqual({
      ok: true,
      value: { matches: [{ chunk: aChunk(), score: 0.5 }], isComplete: true },
    });
  });

  it.each([
    ['every match is damaged', { count: 1, matches: [{ id: 'x', score: 0.9 }] }],
    ['the answer is something else', '<html></html>'],
  ])('are a failure when %s', async (_what, answer) => {
    const { store, deadline } = storeOver({ query: async () => answer });
    const found = await store.query(query, deadline);
    expect(found).toMatchObject({ ok: false, error: { class: 'transient', code: 'BAD_ANSWER' } });
  });

  it.each([
    ['of another model', encodeChunkMetadata(aChunk(), 'other/3/cls/chunker-1'), 'other/3/cls/chunker-1'],
    ['without a fingerprint', { v: 1, namespace: 'docs', text: 'Whatever.' }, 'unknown'],
  ])('are refused as a matter of configuration when one is %s', async (_what, metadata, builtWith) => {
    const foreign = { id: 'chunk-2', score: 0.1, metadata };
    const { store, deadline } = storeOver({ query: async () => ({ count: 2, matches: [good, foreign] }) });
    const found = await store.query(query, deadline);
    expect(found).toMatchObject({ ok: false, error: { class: 'configuration', code: 'FINGERPRINT_MISMATCH' } });
    const message = found.ok ? '' : found.error.message;
    for (const part of [builtWith, FINGERPRINT, 'EMBEDDING_MODEL', 'VECTOR_STORES']) expect(message).toContain(part);
  });
});

describe('a filter on a Vectorize index', () => {
  const query = { namespace: 'docs', vector: new Float32Array(3), topK: 2, filter: null };
  const english: MetadataFilter = { op: 'eq', key: 'lang', value: 'en' };
  const page = (length: number, metadata: (index: number) => Metadata) =>
    Array.from({ length }, (_, index) => ({
      id: `chunk-${index}`,
      score: 1 - index / 100,
      metadata: encodeChunkMetadata(aChunk({ chunkId: `chunk-${index}`, metadata: metadata(index) }), FINGERPRINT),
    }));

  async function found(filter: MetadataFilter, matches: ReturnType<typeof page>) {
    const asked: unknown[] = [];
    const { store, deadline } = storeOver({
      query: async (_vector, options) => {
        asked.push(options);
        return { matches };
      },
    });
    const result = await store.query({ ...query, filter }, deadline);
    if (!result.ok) throw new Error('the query failed');
    return { asked: asked[0], ids: result.value.matches.map(({ chunk }) => chunk.chunkId), ...result.value };
  }

  it('is sent where the key is indexed, and applied again to what comes back', async () => {
    const matches = page(3, (index) => ({ lang: index === 1 ? 'de' : 'en' }));
    const { asked, ids, isComplete } = await found(english, matches);
    expect(asked).toMatchObject({ topK: 50, filter: { 'metadata.lang': { $eq: 'en' } } });
    expect({ ids, isComplete }).toEqual({ ids: ['chunk-0', 'chunk-2'], isComplete: true });
  });

  it('is applied to a full page where it cannot be sent, which may miss matches and says so', async () => {
    const draft: MetadataFilter = { op: 'eq', key: 'draft', value: true };
    const few = await found(
      draft,
      page(50, (index) => ({ draft: index === 49 })),
    );
    expect(few.asked).not.toHaveProperty('filter');
    expect(few).toMatchObject({ ids: ['chunk-49'], isComplete: false });
    const enough = await found(
      draft,
      page(50, (index) => ({ draft: index > 40 })),
    );
    expect(enough).toMatchObject({ ids: ['chunk-41', 'chunk-42'], isComplete: true });
    const all = await found(
      draft,
      page(49, (index) => ({ draft: index === 48 })),
    );
    expect(all).toMatchObject({ ids: ['chunk-48'], isComplete: true });
  });

  it('never lets a chunk of another namespace through', async () => {
    const metadata = encodeChunkMetadata(aChunk({ namespace: 'docs-2' }), FINGERPRINT);
    const foreign = { id: 'foreign', score: 1, metadata };
    const { ids } = await found(english, [foreign, ...page(1, () => ({ lang: 'en' }))]);
    expect(ids).toEqual(['chunk-0']);
  });
});

it('gives Vectorize plain numbers: its binding would copy a typed array one iterator step at a time', async () => {
  const upsert = vi.fn(async () => ({ mutationId: 'ours' }));
  const { store, deadline } = storeOver({ upsert });
  await store.upsert('docs', [{ chunk: aChunk(), values: new Float32Array([0.5, -0.25]) }], deadline);
  // A typed array is equal to no plain one.
  expect(upsert).toHaveBeenCalledWith([expect.objectContaining({ values: [0.5, -0.25] })]);
});

describe('visibility of a Vectorize write', () => {
  async function written(describe: () => unknown, callMs = 0) {
    const { store, clock, deadline } = storeOver({
      upsert: async () => {
        clock.advance(callMs);
        return { mutationId: 'ours' };
      },
      describe: async () => describe(),
    });
    const receipt = await store.upsert('docs', [{ chunk: aChunk(), values: new Float32Array(3) }], deadline);
    if (!receipt.ok) throw new Error('the upsert failed');
    return { clock, isVisible: () => store.isVisible('docs', receipt.value, deadline) };
  }
  const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();

  it('is given when its own mutation was the last one processed', async () => {
    const { isVisible } = await written(() => ({ processedUpToMutation: 'ours', processedUpToDatetime: at(-5) }));
    expect(await isVisible()).toEqual({ ok: true, value: true });
  });

  it('is given when the index has processed later writes', async () => {
    const { isVisible } = await written(() => ({ processedUpToMutation: 'other', processedUpToDatetime: at(20) }), 10);
    expect(await isVisible()).toEqual({ ok: true, value: true });
  });

  it('is not given while only earlier writes are processed, nor by an index never written to', async () => {
    const early = await written(() => ({ processedUpToMutation: 'other', processedUpToDatetime: at(-1) }));
    expect(await early.isVisible()).toEqual({ ok: true, value: false });
    const empty = await written(() => ({ processedUpToMutation: null, processedUpToDatetime: null }));
    expect(await empty.isVisible()).toEqual({ ok: true, value: false });
  });

  it('is given after a grace when the last processed write overlapped it', async () => {
    const overlapping = { processedUpToMutation: 'other', processedUpToDatetime: at(5) };
    const { clock, isVisible } = await written(() => overlapping, 10);
    expect(await isVisible()).toEqual({ ok: true, value: false });
    clock.advance(5_000);
    expect(await isVisible()).toEqual({ ok: true, value: true });
  });
});
