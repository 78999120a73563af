import type { Deadline } from '../resilience/deadline.ts';
import type { VectorStore } from '../retrieval/vector-store.ts';
import type { IngestJob, PreparedChunk } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';

interface Item {
  job: IngestJob;
  prepared: PreparedChunk;
}
interface Wanted extends Item {
  /** The id under which a store may have the vector. */
  sourceId: string;
}

/**
 * The vectors that some store has already, by chunk id: of the chunk itself where only some store lacks it, and of the
 * same text in the version that answers come from now. What no store gives is no failure: it is embedded.
 */
export async function knownVectors(
  services: IngestServices,
  items: Item[],
  deadline: Deadline,
): Promise<Map<string, Float32Array>> {
  const known = new Map<string, Float32Array>();
  let wanted = items.flatMap((item) => wantedOf(services, item));
  for (const store of services.stores) {
    const asked = wanted.filter(({ job }) => mayHold(services, job, store));
    if (asked.length === 0) continue;
    for (const [chunkId, values] of await fetchFrom(store, asked, deadline)) {
      if (values.length === services.embedder.model.dimensions) known.set(chunkId, values);
    }
    wanted = wanted.filter(({ prepared }) => !known.has(prepared.chunk.chunkId));
  }
  return known;
}

function wantedOf(services: IngestServices, { job, prepared }: Item): Wanted[] {
  const sourceId = isRepair(services, job) ? prepared.chunk.chunkId : job.knownTexts.get(prepared.textHash);
  return sourceId === undefined ? [] : [{ job, prepared, sourceId }];
}

function mayHold(services: IngestServices, job: IngestJob, { name }: VectorStore): boolean {
  return !isRepair(services, job) || !job.missing.has(name);
}

function isRepair({ stores }: IngestServices, job: IngestJob): boolean {
  return stores.some(({ name }) => !job.missing.has(name));
}

async function fetchFrom(
  store: VectorStore,
  wanted: Wanted[],
  deadline: Deadline,
): Promise<[chunkId: string, values: Float32Array][]> {
  const found: [string, Float32Array][] = [];
  for (const [namespace, inNamespace] of Map.groupBy(wanted, ({ job }) => job.record.namespace)) {
    const calls = slices(inNamespace, store.maxFetch).map(async (slice) => {
      // A text that a document has twice has its vector under one id.
      const ids = [...new Set(slice.map(({ sourceId }) => sourceId))];
      const fetched = await store.fetch(namespace, ids, deadline);
      if (!fetched.ok) return;
      for (const { prepared, sourceId } of slice) {
        const record = fetched.value.get(sourceId);
        if (record !== undefined) found.push([prepared.chunk.chunkId, record.values]);
      }
    });
    await Promise.all(calls);
  }
  return found;
}

function slices<T>(items: T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, n) => items.slice(n * length, (n + 1) * length));
}
