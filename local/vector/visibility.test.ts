import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { makeStateDir, startTestServer, TOKEN } from './vector-test-server.ts';

function fakeClock() {
  let nowMs = 1_000_000;
  return { nowMs: () => nowMs, advance: (ms: number) => (nowMs += ms) };
}

const ask = { vector: [1, 0], topK: 10 };

describe('eventual visibility', () => {
  it('shows a write to fetch and range at once, to queries after the delay, and counts it as pending until then', async () => {
    const clock = fakeClock();
    const { index } = await startTestServer({ clock, visibilityDelayMs: 500 });
    await index.upsert({ id: 'a', vector: [1, 0] });
    await index.upsert({ id: 'b', vector: [1, 0] }, { namespace: 'ns' });
    clock.advance(499);
    expect(await index.query(ask)).toEqual([]);
    expect(await index.fetch(['a'])).toEqual([{ id: 'a' }]);
    expect((await index.range({ cursor: 0, limit: 1 })).vectors).toEqual([{ id: 'a' }]);
    expect(await index.info()).toMatchObject({
      vectorCount: 0,
      pendingVectorCount: 2,
      namespaces: { '': { vectorCount: 0, pendingVectorCount: 1 }, ns: { vectorCount: 0, pendingVectorCount: 1 } },
    });

    clock.advance(1);
    expect(await index.query(ask)).toEqual([{ id: 'a', score: 1 }]);
    expect(await index.info()).toEqual({
      vectorCount: 2,
      pendingVectorCount: 0,
      indexSize: 16,
      dimension: 2,
      similarityFunction: 'COSINE',
      indexType: 'DENSE',
      denseIndex: { dimension: 2, similarityFunction: 'COSINE' },
      namespaces: { '': { vectorCount: 1, pendingVectorCount: 0 }, ns: { vectorCount: 1, pendingVectorCount: 0 } },
    });
  });

  it('queries see the old version of an overwritten or updated vector until the delay is over', async () => {
    const clock = fakeClock();
    const { index } = await startTestServer({ clock, visibilityDelayMs: 500 });
    await index.upsert({ id: 'a', vector: [1, 0], metadata: { version: 1 } });
    clock.advance(500);
    await index.update({ id: 'a', metadata: { version: 2 } });
    await index.upsert({ id: 'a', vector: [0, 1], metadata: { version: 3 } });

    const [before] = await index.query({ ...ask, includeMetadata: true });
    expect(before).toEqual({ id: 'a', score: 1, metadata: { version: 1 } });
    expect(await index.info()).toMatchObject({ vectorCount: 1, pendingVectorCount: 1 });
    clock.advance(500);
    const [after] = await index.query({ ...ask, includeMetadata: true });
    expect(after).toEqual({ id: 'a', score: 0.5, metadata: { version: 3 } });
  });

  it('queries see a deleted vector until the delay is over, fetch does not', async () => {
    const clock = fakeClock();
    const { index } = await startTestServer({ clock, visibilityDelayMs: 500 });
    await index.upsert({ id: 'a', vector: [1, 0] });
    clock.advance(500);
    await index.delete('a');
    expect(await index.fetch(['a'])).toEqual([null]);
    expect(await index.query(ask)).toHaveLength(1);
    clock.advance(500);
    expect(await index.query(ask)).toEqual([]);
  });

  it('applies a changed delay to writes still pending', async () => {
    const { index, service } = await startTestServer({ clock: fakeClock(), visibilityDelayMs: 60_000 });
    await index.upsert({ id: 'a', vector: [1, 0] });
    expect(await index.query(ask)).toEqual([]);
    service.setVisibilityDelayMs(0);
    expect(await index.query(ask)).toHaveLength(1);
  });
});

describe('persistence', () => {
  it('has everything again after a restart, pending writes still pending', async () => {
    const stateDir = makeStateDir();
    const clock = fakeClock();
    const first = await startTestServer({ stateDir, clock, visibilityDelayMs: 500 });
    const item = { vector: [0.1, 0.7], metadata: { nested: { list: [1, 'ü', null] } }, data: 'text' };
    await first.index.upsert([
      { id: 'a', ...item },
      { id: 'gone', vector: [1, 1] },
      { id: 'b', vector: [1, 0] },
    ]);
    await first.index.delete('gone');
    await first.index.namespace('ns').upsert({ id: 'c', vector: [1, 0] });
    await first.index.namespace('emptied').upsert({ id: 'd', vector: [1, 0] });
    await first.index.reset({ namespace: 'emptied' });
    clock.advance(500);
    await first.index.upsert({ id: 'late', vector: [1, 0] });
    await first.stop();

    const { index } = await startTestServer({ stateDir, clock, visibilityDelayMs: 500 });
    const everything = { includeVectors: true, includeMetadata: true, includeData: true };
    expect(await index.fetch(['a', 'gone'], everything)).toEqual([{ id: 'a', ...item }, null]);
    expect((await index.range({ cursor: 0, limit: 2 })).vectors).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(await index.listNamespaces()).toEqual(['', 'ns', 'emptied']);
    expect((await index.query(ask)).map(({ id }) => id)).toEqual(['b', 'a']);
    expect(await index.info()).toMatchObject({ vectorCount: 3, pendingVectorCount: 1 });
  });

  it('keeps an acknowledged write when the process is killed right after it', async () => {
    const stateDir = makeStateDir();
    const options = {
      stateDir,
      token: TOKEN,
      dimension: 2,
      similarity: 'COSINE',
      embed: null,
      embeddingModel: null,
      visibilityDelayMs: 0,
    };
    const script = `
      const { createVectorService } = await import(${JSON.stringify(new URL('./vector-service.ts', import.meta.url).href)});
      const service = createVectorService({ ...${JSON.stringify(options)}, clock: { nowMs: () => 1 } });
      const response = await service.respond({
        method: 'POST',
        path: '/upsert',
        headers: new Headers({ authorization: 'Bearer ${TOKEN}' }),
        body: new TextEncoder().encode('{"id":"a","vector":[1,0]}'),
      });
      if (response.status === 200) process.kill(process.pid, 'SIGKILL');
    `;
    const run = () => execFileSync(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'pipe' });
    expect(run).toThrow(expect.objectContaining({ signal: 'SIGKILL' }));

    const { index } = await startTestServer({ stateDir });
    expect(await index.query(ask)).toEqual([{ id: 'a', score: 1 }]);
  });

  it('refuses a directory that holds an index with other settings', async () => {
    const stateDir = makeStateDir();
    await (await startTestServer({ stateDir })).stop();
    await expect(startTestServer({ stateDir, dimension: 3 })).rejects.toThrow(/holds an index created with/);
  });
});
