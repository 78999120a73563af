import { expect, it } from 'vitest';
import { callUpstreamWith, inSeconds } from '../../test/read-path-builders.ts';
import { createEdgeAnswerStore } from './edge-answer-store.ts';

/** A location's cache, or one that keeps nothing, as on workers.dev. */
function arrange({ keeps }: { keeps: boolean }) {
  const kept = new Map<string, Response>();
  const cache: Pick<Cache, 'match' | 'put'> = {
    match: async (url) => kept.get(String(url))?.clone(),
    put: async (url, response) => {
      if (keeps) kept.set(String(url), response);
    },
  };
  const options = { cache, environment: 'staging', callUpstream: callUpstreamWith(), timeoutMs: 250 };
  return { kept, store: createEdgeAnswerStore(options) };
}

it('keeps a copy with a lifetime of its own, under the environment’s name', async () => {
  const { kept, store } = arrange({ keeps: true });
  expect(await store.put('vigil:1:answer:a', '{"v":1}', 93_600, inSeconds(1))).toMatchObject({ ok: true });
  const [[url = '', copy] = []] = [...kept];
  expect(url).toBe('https://vigil.invalid/answers/staging/vigil%3A1%3Aanswer%3Aa');
  expect(copy?.headers.get('cache-control')).toBe('public, max-age=93600');
  expect(await store.get('vigil:1:answer:a', inSeconds(1))).toEqual({ ok: true, value: '{"v":1}' });
});

it('has a miss, and no failure, where the platform keeps nothing', async () => {
  const { store } = arrange({ keeps: false });
  expect(await store.put('a', 'value', 60, inSeconds(1))).toMatchObject({ ok: true });
  expect(await store.get('a', inSeconds(1))).toEqual({ ok: true, value: null });
});
