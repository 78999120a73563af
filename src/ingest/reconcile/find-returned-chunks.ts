import type { RemovedChunk } from '../../catalog/reconciliation-truth.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
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
  { after }: { after: string },
): Promise<Result<ReconcileStep, UpstreamError>> {
  const nowMs = services.clock.nowMs();
  const options = { namespace: run.namespace, untilMs: nowMs - REMOVED_MS, limit: IDS_PER_SLICE };
  const page = await services.catalog.reconciliationTruth.removed(after, options, deadline);
  if (!page.ok) return page;
  const counted = new Map<string, Counted>();
  const found: ReconcileStep['found'] = [];
  for (const [namespace, removed] of Map.groupBy(page.value, (chunk) => chunk.namespace)) {
    const ids = removed.map(({ chunkId }) => chunkId);
    const readings = await Promise.all(
      stores.map(async ({ name, read }) => ({ name, present: await read(namespace, ids, deadline) })),
    );
    for (const { name, present } of readings) {
      if (!present.ok) return present;
      for (const id of present.value.keys()) found.push(orphanOf(name, namespace, id));
      add(counted, name, { orphaned: present.value.size });
    }
  }
  const last = page.value.at(-1);
  const isLast = last === undefined || page.value.length < IDS_PER_SLICE;
  const next = isLast ? ({ phase: 'judging' } as const) : ({ phase: 'removed', after: last.chunkId } as const);
  // Clean is only what every store was asked about.
  const isComplete = Object.values(run.tallies).every(({ outcome }) => outcome !== 'unavailable');
  const dropped = isComplete ? cleanOf(page.value, found, nowMs) : [];
  return succeed(stepTo(next, { counted, found, dropped }));
}

function cleanOf(removed: RemovedChunk[], found: ReconcileStep['found'], nowMs: number): string[] {
  const isFound = new Set(found.map(({ key }) => key));
  const old = removed.filter(({ removedAtMs }) => removedAtMs <= nowMs - REMEMBERED_MS);
  return old.map(({ chunkId }) => chunkId).filter((id) => !isFound.has(id));
}
