import type { PlanServices } from '../../src/ingest/plan-ingestion.ts';
import { FINGERPRINT, type IngestWorld } from './ingest-world.ts';

/** What a dry run of documents of that world needs, with a model that has a listed price. */
export function planServicesOf({ services }: IngestWorld): PlanServices {
  const { embedder, settings } = services;
  return {
    ...services,
    turn: { takenUntilMs: 0 },
    settings: {
      ...settings,
      model: { ...embedder.model, name: '@cf/baai/bge-m3' },
      storeNames: ['vectorize', 'upstash'],
      fingerprint: FINGERPRINT,
      planDeadlineMs: 10_000,
    },
  };
}
