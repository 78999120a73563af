import { describe, expect, it } from 'vitest';
import { type Environment, planLiveSuites } from './live-plan.ts';

const redis = { UPSTASH_REDIS_REST_URL: 'https://redis.example', UPSTASH_REDIS_REST_TOKEN: 'secret-1' };
const vector = { UPSTASH_VECTOR_PRIMARY_URL: 'https://vector.example', UPSTASH_VECTOR_PRIMARY_TOKEN: 'secret-2' };
const cloudflare = { CLOUDFLARE_ACCOUNT_ID: 'account', CLOUDFLARE_API_TOKEN: 'secret-3' };
const scratch = { VIGIL_LIVE_VECTORIZE_INDEX: 'vigil-scratch', VIGIL_LIVE_D1_DATABASE_ID: 'database' };

async function plan(env: Environment, signedIn = false) {
  const planned = await planLiveSuites(env, { scratchName: 'contract-1', isSignedIn: async () => signedIn });
  if (!planned.ok) throw new Error(planned.because);
  const suites = new Map(planned.suites.map((suite) => [suite.name, suite]));
  const running = planned.suites.filter(({ state }) => state === 'runs').map(({ name }) => name);
  return { suites, running, text: JSON.stringify(planned) };
}

describe('the live contract suites', () => {
  it('are all skipped in an empty environment, each naming what it lacks', async () => {
    const { suites, running } = await plan({});
    expect(running).toEqual([]);
    expect(suites.get('redis')).toMatchObject({
      because: expect.stringContaining('UPSTASH_REDIS_REST_URL is not set'),
    });
    expect(suites.get('upstash')).toMatchObject({ because: expect.stringContaining('UPSTASH_VECTOR_PRIMARY_TOKEN') });
    for (const name of ['embedder', 'generator', 'vectorize', 'lexical'] as const) {
      expect(suites.get(name)).toMatchObject({ because: expect.stringContaining('CLOUDFLARE_ACCOUNT_ID is not set') });
    }
    expect(suites.get('vectorize')).toMatchObject({ because: expect.stringContaining('VIGIL_LIVE_VECTORIZE_INDEX') });
  });

  it('run one by one, for what there are credentials', async () => {
    expect((await plan(redis)).running).toEqual(['redis']);
    expect((await plan({ ...vector, UPSTASH_REDIS_REST_TOKEN: 'x' })).running).toEqual(['upstash']);
    expect((await plan(cloudflare)).running).toEqual(['embedder', 'generator']);
    expect((await plan({ ...redis, ...vector, ...cloudflare, ...scratch })).running).toHaveLength(6);
  });

  it('take a wrangler that is signed in for a token, when the account is named', async () => {
    expect((await plan({ CLOUDFLARE_ACCOUNT_ID: 'account' }, true)).running).toEqual(['embedder', 'generator']);
    expect((await plan({ CLOUDFLARE_ACCOUNT_ID: 'account' }, false)).running).toEqual([]);
    expect((await plan({}, true)).running).toEqual([]);
  });

  it('keep away from an index that is not called a scratch index, and from what is no URL', async () => {
    const { running } = await plan({ ...cloudflare, VIGIL_LIVE_VECTORIZE_INDEX: 'vigil' });
    expect(running).not.toContain('vectorize');
    expect((await plan({ ...redis, UPSTASH_REDIS_REST_URL: 'redis.example' })).running).toEqual([]);
  });

  it('say where and under which names they write, and never a token', async () => {
    const { suites, text } = await plan({ ...redis, ...vector, ...cloudflare, ...scratch });
    expect(suites.get('redis')).toMatchObject({ touches: expect.stringContaining('https://redis.example: 214 keys') });
    expect(suites.get('vectorize')).toMatchObject({
      touches: expect.stringMatching(/index vigil-scratch: .* 1024 dimensions .*contract-1-/),
    });
    expect(text).not.toContain('secret');
  });

  it('do not start with an embedding model that Vigil does not know', async () => {
    const env = { ...redis, EMBEDDING_MODEL: '@cf/unknown' };
    const planned = await planLiveSuites(env, { scratchName: 'contract-1', isSignedIn: async () => false });
    expect(planned).toMatchObject({ ok: false, because: expect.stringContaining('@cf/baai/bge-m3') });
  });
});
