import { describe, expect, test } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import { createGuardedCalls } from '../../test/support/guarded-calls.ts';
import { createKvAnswerStore } from './kv-answer-store.ts';

const FAILURES_THAT_OPEN = 5;

function arrange(fails: { get?: string; put?: string }) {
  const { callUpstream, telemetry } = createGuardedCalls();
  const store = createKvAnswerStore({
    kv: {
      async get() {
        if (fails.get !== undefined) throw new Error(fails.get);
        return 'an answer';
      },
      async put() {
        if (fails.put !== undefined) throw new Error(fails.put);
      },
    },
    callUpstream,
    readTimeoutMs: 1_000,
    writeTimeoutMs: 1_000,
  });
  const get = () => store.get('hot', inSeconds(5));
  const put = () => store.put('hot', 'an answer', 60, inSeconds(5));
  return { get, put, telemetry };
}

describe('answers in KV', () => {
  test('are read while a key that is written too often refuses writes', async () => {
    const { get, put } = arrange({ put: 'KV PUT failed: 429 Too Many Requests' });
    for (let n = 0; n < FAILURES_THAT_OPEN; n++) {
      expect(await put()).toMatchObject({ ok: false, error: { dependency: 'kv', class: 'rate-limited' } });
    }
    expect(await put()).toMatchObject({ ok: false, error: { dependency: 'kv', code: 'BREAKER_OPEN' } });
    expect(await get()).toEqual({ ok: true, value: 'an answer' });
  });

  test('are written while reads fail', async () => {
    const { get, put } = arrange({ get: 'KV GET failed: 500 Internal Server Error' });
    for (let n = 0; n < FAILURES_THAT_OPEN; n++) expect((await get()).ok).toBe(false);
    expect(await get()).toMatchObject({ ok: false, error: { code: 'BREAKER_OPEN' } });
    expect((await put()).ok).toBe(true);
  });

  test('count as one dependency, whether read or written', async () => {
    const { get, put, telemetry } = arrange({});
    await get();
    await put();
    for (const operation of ['get', 'put']) {
      expect(telemetry.exposition()).toContain(
        `vigil_upstream_calls_total{dependency="kv",operation="${operation}",outcome="ok"} 1`,
      );
    }
  });
});
