import * as z from 'zod';
import type { Clock } from '../clock.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type CatalogDatabase, parseRows } from './catalog-database.ts';

/** How vector stores were made, so that nothing else is written into them. */
export interface StoreFingerprints {
  /** How this deployment makes vectors. */
  readonly own: string;
  /**
   * Those of the stores that were made otherwise, and how. A store that nobody has written yet becomes this
   * deployment's.
   */
  foreignAmong(stores: string[], deadline: Deadline): Promise<Result<Map<string, string>, UpstreamError>>;
}

export interface StoreFingerprintsOptions {
  database: CatalogDatabase;
  own: string;
  /** Stores found to be this deployment's: they are not asked about again for as long as the set lives. */
  matching: Set<string>;
  clock: Clock;
}

export function createStoreFingerprints({
  database,
  own,
  matching,
  clock,
}: StoreFingerprintsOptions): StoreFingerprints {
  return {
    own,
    async foreignAmong(stores, deadline) {
      const unseen = stores.filter((store) => !matching.has(store));
      if (unseen.length === 0) return succeed(new Map());
      const names = JSON.stringify(unseen);
      const statements = [
        { sql: RECORD, parameters: [names, own, clock.nowMs()] },
        { sql: SELECT, parameters: [names] },
      ];
      const read = await database.batch('store-fingerprints', statements, deadline);
      if (!read.ok) return read;
      const recorded = parseRows(row, read.value[1]);
      for (const { store, fingerprint } of recorded) if (fingerprint === own) matching.add(store);
      const foreign = recorded.filter(({ fingerprint }) => fingerprint !== own);
      return succeed(new Map(foreign.map(({ store, fingerprint }) => [store, fingerprint])));
    },
  };
}

const row = z.object({ store: z.string(), fingerprint: z.string() });

const RECORD = `
  INSERT INTO vector_stores (store, fingerprint, recorded_at_ms)
  SELECT value, ?2, ?3 FROM json_each(?1) WHERE true
  ON CONFLICT DO NOTHING`;

const SELECT = `
  SELECT store, fingerprint FROM vector_stores WHERE store IN (SELECT value FROM json_each(?1))`;
