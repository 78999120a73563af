import { type LedgerChunk, type LedgerKey, ledgerKeyOf } from '../../catalog/ledger-pages.ts';
import type { ReconcileFinding } from '../../catalog/reconciliation-record.ts';
import type { DocumentVersion } from '../../catalog/reconciliation-truth.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
import type { StoredChunk } from '../../retrieval/passage.ts';
import { DOCUMENTS } from '../document-objects.ts';
import type { ChunkStore } from './chunk-stores.ts';
import { ofFewNamespaces } from './few-namespaces.ts';
import { staleChunks } from './is-stale.ts';
import { add, type Counted, type ReconcileStep, type SliceContext, stepTo } from './reconcile-step.ts';

// Five calls to a store that gives 20 records a call, and at most a hundred looks into R2.
const CHUNKS_PER_SLICE = 100;

// What has just become ready is left alone.
const SETTLED_MS = 60_000;

interface Difference {
  store: string;
  kind: 'missing' | 'stale';
  chunk: LedgerChunk;
}

/** Compares the next chunks of the ledger with what each store has of them, and looks for their documents' originals. */
export async function compareChunks(
  context: SliceContext,
  { phase, ...after }: LedgerKey & { phase: 'chunks' },
): Promise<Result<ReconcileStep, UpstreamError>> {
  const { services, run, stores, deadline } = context;
  const truth = services.catalog.reconciliationTruth;
  const options = {
    namespace: run.namespace,
    fingerprint: services.storeFingerprints.own,
    settledAtMs: services.clock.nowMs() - SETTLED_MS,
    limit: CHUNKS_PER_SLICE,
  };
  const page = await truth.ledger(after, options, deadline);
  if (!page.ok) return page;
  const chunks = ofFewNamespaces(page.value.chunks);
  const differences = await differencesOf(context, chunks);
  if (!differences.ok) return differences;
  // Whatever was changed, or taken up, while it was being compared is no difference.
  const settled = await truth.stillSettled(documentsOf(differences.value.map(({ chunk }) => chunk)), deadline);
  if (!settled.ok) return settled;
  const isSettled = new Set(settled.value.map(keyOf));
  const remaining = differences.value.filter(({ chunk }) => isSettled.has(keyOf(chunk)));
  const counted = count(chunks, stores, remaining);
  const sources = await lookForSources(context, chunks, counted);
  if (!sources.ok) return sources;
  const last = chunks.at(-1);
  const isCut = last !== undefined && chunks.length < page.value.chunks.length;
  const nextKey = isCut ? ledgerKeyOf(last) : page.value.next;
  const next =
    nextKey === null
      ? ({ phase: 'listings', namespace: run.namespace, store: null, cursor: null } as const)
      : { phase, ...nextKey };
  return succeed(stepTo(next, { counted, found: remaining.map(findingOf) }));
}

async function differencesOf(
  { services, stores, deadline }: SliceContext,
  page: LedgerChunk[],
): Promise<Result<Difference[], UpstreamError>> {
  const differences: Difference[] = [];
  for (const [namespace, chunks] of Map.groupBy(page, (chunk) => chunk.namespace)) {
    const readings = await Promise.all(
      stores.map(async (store) => {
        const held = chunks.filter(({ stores: holders }) => holders.includes(store.name));
        const ids = held.map(({ chunkId }) => chunkId);
        return { store, found: await store.read(namespace, ids, deadline) };
      }),
    );
    const held = new Map<string, Map<string, StoredChunk>>();
    for (const { store, found } of readings) {
      if (!found.ok) return found;
      held.set(store.name, found.value);
      for (const chunk of chunks) {
        if (!isKnownToLack(chunk, store) && !found.value.has(chunk.chunkId)) {
          differences.push({ store: store.name, kind: 'missing', chunk });
        }
      }
    }
    const stale = await staleChunks(chunks, held, services.embedder.model);
    differences.push(...stale.map((one) => ({ ...one, kind: 'stale' as const })));
  }
  return succeed(differences);
}

// Ingestion comes back to it by itself.
function isKnownToLack(chunk: LedgerChunk, store: ChunkStore): boolean {
  return chunk.isInRepair && !chunk.stores.includes(store.name);
}

function count(page: LedgerChunk[], stores: ChunkStore[], differences: Difference[]): Map<string, Counted> {
  const counted = new Map<string, Counted>();
  for (const store of stores) {
    add(counted, store.name, { checked: page.filter((chunk) => !isKnownToLack(chunk, store)).length });
  }
  for (const { store, kind } of differences) add(counted, store, { [kind]: 1 });
  return counted;
}

/** An original that is gone cannot be repaired, and what was made from it is all there is: that is only reported. */
async function lookForSources(
  { services, hasObjects, deadline }: SliceContext,
  page: LedgerChunk[],
  counted: Map<string, Counted>,
): Promise<Result<void, UpstreamError>> {
  if (!hasObjects) return succeed(undefined);
  const firsts = page.filter(({ n }) => n === 0);
  const looks = await Promise.all(
    firsts.map(async (chunk) => ({ chunk, exists: await services.objects.has(chunk.objectKey, deadline) })),
  );
  const missing: LedgerChunk[] = [];
  for (const { chunk, exists } of looks) {
    if (!exists.ok) return exists;
    if (!exists.value) missing.push(chunk);
  }
  const settled = await services.catalog.reconciliationTruth.stillSettled(documentsOf(missing), deadline);
  if (!settled.ok) return settled;
  for (const document of settled.value) {
    services.telemetry.emit({
      event: 'reconcile.source-missing',
      severity: 'error',
      code: 'SOURCE_MISSING',
      ...document,
    });
  }
  add(counted, DOCUMENTS, { checked: firsts.length, missing: settled.value.length });
  return succeed(undefined);
}

function findingOf({ store, chunk }: Difference): ReconcileFinding {
  const { namespace, documentId, version } = chunk;
  return { store, kind: 'behind', namespace, key: documentId, version, chunks: 1 };
}

function documentsOf(chunks: LedgerChunk[]): DocumentVersion[] {
  const documents = chunks.map(({ namespace, documentId, version }) => ({ namespace, documentId, version }));
  return [...new Map(documents.map((document) => [keyOf(document), document])).values()];
}

function keyOf({ namespace, documentId, version }: DocumentVersion): string {
  return JSON.stringify([namespace, documentId, version]);
}
