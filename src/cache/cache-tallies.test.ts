import { expect, it } from 'vitest';
import { silentTelemetry } from '../../test/read-path-builders.ts';
import { type CacheTallies, hitRatio, tallyOf } from './cache-tallies.ts';
import { noteCacheUse } from './note-cache-use.ts';

it('counts each layer by namespace, and what was not asked apart', () => {
  const tallies: CacheTallies = new Map();
  const note = (namespace: string, use: Parameters<typeof noteCacheUse>[2]) =>
    noteCacheUse({ tallies, telemetry: silentTelemetry }, namespace, use);
  note('a', { response: 'hit', embedding: 'bypass', search: 'bypass' });
  note('a', { response: 'stale', embedding: 'bypass', search: 'bypass' });
  note('a', { response: 'miss', embedding: 'miss', search: 'similar' });
  note('a', { response: 'unavailable', embedding: 'hit', search: 'exact' });
  note('b', { response: 'miss', embedding: 'miss', search: 'miss' });
  const response = tallyOf(tallies, 'a', 'response');
  expect(response).toEqual({ hit: 1, stale: 1, miss: 1, bypass: 0, unavailable: 1 });
  expect(hitRatio(response)).toBe(0.5);
  expect(tallyOf(tallies, 'a', 'search')).toMatchObject({ hit: 2, bypass: 2 });
  expect(hitRatio(tallyOf(tallies, 'nobody', 'search'))).toBeNull();
});

it('remembers a bounded number of namespaces', () => {
  const tallies: CacheTallies = new Map();
  const use = { response: 'miss', embedding: 'miss', search: 'miss' } as const;
  for (let n = 0; n < 1_100; n++) noteCacheUse({ tallies, telemetry: silentTelemetry }, `n${n}`, use);
  expect(tallies.size).toBe(1_000);
});
