import type { RemovedChunk } from '../../catalog/reconciliation-truth.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
import { ofFewNamespaces } from './few-namespaces.ts';
import { orphanOf } from './find-listed-orphans.ts';
import { add, type Counted, type ReconcileStep, type SliceContext, stepTo } from './reconcile-step.ts';

const IDS_PER_SLICE = 100;

// Before that, stores may still show what they were told to delete.
const REMOVED_MS = 600_000;

// After that no write is under way any more, and a store that was found clean stays so.
const REMEMBERED_MS = 86_400_000;

/** The next ids that have left the ledger: what a store has of them came back by a write that was late. */
export async function findReturnedChunks(
  { services, run, stores, deadline }: SliceContext,
  after: { namespace: string; chunkId: string },
): Promise<Result<ReconcileStep, UpstreamError>> {
  const nowMs = services.clock.nowMs();
  const options = { namespace: run.namespace, untilMs: nowMs - REMOVED_MS, limit: IDS_PER_SLICE };
  const page = await services.catalog.reconciliationTruth.removed(after, options, deadline);
  if (!page.ok) return page;
  const chunks = ofFewNamespaces(page.value);
  const counted = new Map<string, Counted>();
  const found: ReconcileStep['found'] = [];
  for (const [namespace, removed] of Map.groupBy(chunks, (chunk) => chunk.namespace)) {
    const ids = removed.map(({ chunkId }) => chunkId);
    const readings = await Promise.all(
      stores.map(async (store) => ({ name: store.name, present: await store.present(namespace, ids, deadline) })),
    );
    for (const { name, present } of readings) {
      if (!present.ok) return present;
      for (const id of present.value) found.push(orphanOf(name, namespace, id));
      add(counted, name, { orphaned: present.value.length });
    }
  }
  const last = chunks.at(-1);
  const isLast = last === undefined || (chunks.length === page.value.length && chunks.length < IDS_PER_SLICE);
  const next = isLast
    ? ({ phase: 'judging' } as const)
    : ({ phase: 'removed', namespace: last.namespace, chunkId: last.chunkId } as const);
  // Clean is only what every store was asked about.
  const isComplete = Object.values(run.tallies).every(({ outcome }) => outcome !== 'unavailable');
  const dropped = isComplete ? cleanOf(chunks, found, nowMs) : [];
  return succeed(stepTo(next, { counted, found, dropped }));
}

function cleanOf(removed: RemovedChunk[], found: ReconcileStep['found'], nowMs: number): RemovedChunk[] {
  const isFound = new Set(found.map(({ key }) => key));
  return removed.filter(({ chunkId, removedAtMs }) => removedAtMs <= nowMs - REMEMBERED_MS && !isFound.has(chunkId));
}
