import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { VectorStore } from '../retrieval/vector-store.ts';
import { textKeyOf } from './document-objects.ts';
import { endWith } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { endAll, forgetInStore, noteTold, oldVersionsOf, type Removal } from './remove-everywhere.ts';

interface Slice {
  namespace: string;
  items: { removal: Removal; chunkId: string }[];
}

// What is found clean of so many leaves the ledger, so that the next attempt goes on from there.
const IDS_PER_SLICE = 1_000;
const FETCHES_AT_ONCE = 4;
// Beside the removal itself and the wait for it, within one lease.
const SHARE_OF_LEASE = 1 / 5;

/**
 * Asks every store for everything that was removed, whatever their receipts say. What is still there is deleted again.
 * Returns those of which nothing is left anywhere; the others' jobs have an end, and another attempt looks again.
 */
export async function confirmRemovals(services: IngestServices, removals: Removal[]): Promise<Removal[]> {
  if (removals.length === 0) return [];
  const deadline = deadlineIn(services.clock, Math.floor(services.settings.leaseMs * SHARE_OF_LEASE));
  const unclean = await findInOwnStorage(services, removals, deadline);
  const slices = slicesOf(removals);
  for (const slice of slices) {
    const found =
      deadline.remainingMs() === 0
        ? new Set(slice.items.map(({ removal }) => removal))
        : await findInStores(services, slice, deadline);
    for (const removal of found) unclean.add(removal);
    // One statement for all of them would block the catalog.
    if (slices.length > 1) await forgetClean(services, slice, found, deadline);
  }
  for (const { job } of unclean) job.end ??= { kind: 'waiting' };
  return removals.filter((removal) => !unclean.has(removal) && removal.job.end === null);
}

/** Both are asked to remove everything by every attempt, so that it is enough to look. */
async function findInOwnStorage(
  { lexicalIndex, objects }: IngestServices,
  removals: Removal[],
  deadline: Deadline,
): Promise<Set<Removal>> {
  const [passages, left] = await Promise.all([
    lexicalIndex.countVersions(oldVersionsOf(removals), deadline),
    objects.existing(
      removals.flatMap(({ objectKeys }) => objectKeys),
      deadline,
    ),
  ]);
  if (!passages.ok) endAll(removals, passages.error);
  if (!left.ok) endAll(removals, left.error);
  if (!passages.ok || !left.ok) return new Set(removals);
  const keys = new Set(left.value);
  const isLeft = (removal: Removal, n: number) =>
    passages.value[n] !== 0 || removal.objectKeys.some((key) => keys.has(key) || keys.has(textKeyOf(key)));
  return new Set(removals.filter(isLeft));
}

/** Documents of which some store still has something: it is told again. */
async function findInStores(services: IngestServices, slice: Slice, deadline: Deadline): Promise<Set<Removal>> {
  const found = new Set<Removal>();
  await Promise.all(
    services.stores.map(async (store) => {
      const left = await chunksLeft(store, slice, deadline);
      if (!left.ok) for (const { removal } of slice.items) endWith(removal.job, left.error);
      const doomed = left.ok ? slice.items.filter(({ chunkId }) => left.value.has(chunkId)) : slice.items;
      for (const { removal } of doomed) found.add(removal);
      if (left.ok) await deleteAgain(services, store, doomed, deadline);
    }),
  );
  return found;
}

async function chunksLeft(
  store: VectorStore,
  { namespace, items }: Slice,
  deadline: Deadline,
): Promise<Result<Set<string>, UpstreamError>> {
  const left = new Set<string>();
  const idsAtOnce = store.maxFetch * FETCHES_AT_ONCE;
  for (let at = 0; at < items.length; at += idsAtOnce) {
    const calls = Array.from({ length: FETCHES_AT_ONCE }, (_, n) => at + n * store.maxFetch)
      .map((from) => items.slice(from, from + store.maxFetch).map(({ chunkId }) => chunkId))
      .filter((ids) => ids.length > 0);
    for (const present of await Promise.all(calls.map((ids) => store.present(namespace, ids, deadline)))) {
      if (!present.ok) return present;
      for (const chunkId of present.value) left.add(chunkId);
    }
  }
  return succeed(left);
}

async function deleteAgain(
  services: IngestServices,
  store: VectorStore,
  doomed: Slice['items'],
  deadline: Deadline,
): Promise<void> {
  const byRemoval = Map.groupBy(doomed, ({ removal }) => removal);
  for (const [{ record }, { length: chunks }] of byRemoval) {
    const { namespace, documentId } = record;
    services.telemetry.emit({ event: 'removal.incomplete', namespace, documentId, store: store.name, chunks });
  }
  await forgetInStore(store, doomed, deadline);
  const removals = [...byRemoval.keys()];
  const noted = await noteTold(services, removals, deadline);
  if (!noted.ok) endAll(removals, noted.error);
}

async function forgetClean(
  { catalog }: IngestServices,
  { items }: Slice,
  found: ReadonlySet<Removal>,
  deadline: Deadline,
): Promise<void> {
  const clean = items.filter(({ removal }) => !found.has(removal) && removal.job.end === null);
  if (clean.length === 0) return;
  const removals = [...new Set(clean.map(({ removal }) => removal))];
  const leases = removals.map(({ job }) => job.lease);
  const ids = clean.map(({ chunkId }) => chunkId);
  const forgotten = await catalog.versions.forgetChunks(leases, ids, deadline);
  if (!forgotten.ok) endAll(removals, forgotten.error);
}

function slicesOf(removals: Removal[]): Slice[] {
  return [...Map.groupBy(removals, ({ record }) => record.namespace)].flatMap(([namespace, inNamespace]) => {
    const items = inNamespace.flatMap((removal) => removal.chunkIds.map((chunkId) => ({ removal, chunkId })));
    return Array.from({ length: Math.ceil(items.length / IDS_PER_SLICE) }, (_, n) => ({
      namespace,
      items: items.slice(n * IDS_PER_SLICE, (n + 1) * IDS_PER_SLICE),
    }));
  });
}
