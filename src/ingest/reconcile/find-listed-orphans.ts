import type { ReconcileFinding, ReconcilePosition } from '../../catalog/reconciliation-record.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
import type { ListChunkIds } from '../../retrieval/vector-store.ts';
import { type ReconcileStep, type SliceContext, stepTo } from './reconcile-step.ts';

type Listings = Extract<ReconcilePosition, { phase: 'listings' }>;
interface ListingStore {
  name: string;
  list: ListChunkIds;
}

// The ids Vigil makes: whatever else somebody keeps in an index is not Vigil's to remove.
const CHUNK_ID = /^[0-9a-f]{40}$/;

/**
 * One page of the ids of one store in one namespace, and which of them the ledger has never heard of. The ledger is
 * asked after the store: an id is entered there before any store sees it, so one that is only just being written is
 * known by then, and one that has just left it is remembered for a day.
 */
export async function findListedOrphans(
  context: SliceContext,
  position: Listings,
): Promise<Result<ReconcileStep, UpstreamError>> {
  const { services, deadline } = context;
  const truth = services.catalog.reconciliationTruth;
  const found = position.namespace === null ? await truth.nextNamespace('', deadline) : succeed(position.namespace);
  if (!found.ok) return found;
  const namespace = found.value;
  if (namespace === null) return succeed(stepTo({ phase: 'objects', cursor: null }));
  const listing = listingStores(context);
  const store = listing.find(({ name }) => position.store === null || name >= position.store);
  if (store === undefined) return toNextNamespace(context, namespace, []);
  const page = await store.list(namespace, store.name === position.store ? position.cursor : null, deadline);
  if (!page.ok) return page;
  const ids = page.value.ids.filter((id) => CHUNK_ID.test(id));
  const unknown = await truth.neverKnownChunks(namespace, ids, deadline);
  if (!unknown.ok) return unknown;
  const orphans = unknown.value.map((key) => orphanOf(store.name, namespace, key));
  const { nextCursor } = page.value;
  const following = nextCursor === null ? listing.find(({ name }) => name > store.name) : store;
  if (following === undefined) return toNextNamespace(context, namespace, orphans);
  return succeed(stepWith({ phase: 'listings', namespace, store: following.name, cursor: nextCursor }, orphans));
}

function listingStores({ stores }: SliceContext): ListingStore[] {
  const able = stores.flatMap(({ name, list }) => (list === null ? [] : [{ name, list }]));
  return able.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function toNextNamespace(
  { services, run, deadline }: SliceContext,
  namespace: string,
  orphans: ReconcileFinding[],
): Promise<Result<ReconcileStep, UpstreamError>> {
  const next =
    run.namespace === null
      ? await services.catalog.reconciliationTruth.nextNamespace(namespace, deadline)
      : succeed(null);
  if (!next.ok) return next;
  if (next.value === null) return succeed(stepWith({ phase: 'objects', cursor: null }, orphans));
  return succeed(stepWith({ phase: 'listings', namespace: next.value, store: null, cursor: null }, orphans));
}

function stepWith(next: ReconcilePosition, orphans: ReconcileFinding[]): ReconcileStep {
  const counted = new Map(
    [...Map.groupBy(orphans, ({ store }) => store)].map(([store, { length }]) => [store, { orphaned: length }]),
  );
  return stepTo(next, { counted, found: orphans });
}

export function orphanOf(store: string, namespace: string, key: string): ReconcileFinding {
  return { store, kind: 'orphan', namespace, key, version: 0, chunks: 1 };
}
