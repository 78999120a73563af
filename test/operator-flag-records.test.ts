import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCatalogDatabase } from '../src/catalog/catalog-database.ts';
import { createOperatorFlagRecords } from '../src/catalog/operator-flag-records.ts';
import { callUpstreamWith, inSeconds } from './read-path-builders.ts';
import { type Storage, startStorage } from './support/storage-under-test.ts';

let storage: Storage;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ storage, close } = await startStorage());
}, 60_000);
afterAll(() => close());

test('the records keep the newer order of each dependency, in whatever order they come', async () => {
  const callUpstream = callUpstreamWith();
  const records = createOperatorFlagRecords(
    createCatalogDatabase({ db: storage.CATALOG_DB, callUpstream, timeoutMs: 10_000 }),
  );
  expect(await records.read(inSeconds(10))).toEqual({ ok: true, value: {} });
  const isolated = { state: 'isolated', changedAtMs: 1_800_000_000_002, changedBy: 'boot' } as const;
  const released = { state: 'released', changedAtMs: 1_800_000_000_001, changedBy: 'boot' } as const;
  await records.merge({ redis: isolated, upstash: released }, inSeconds(10));
  const merged = await records.merge({ redis: released, vectorize: released }, inSeconds(10));
  expect(merged).toEqual({ ok: true, value: { redis: isolated, upstash: released, vectorize: released } });
  expect(await records.read(inSeconds(10))).toEqual(merged);
});
