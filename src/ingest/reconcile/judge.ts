import type { StoreTally } from '../../catalog/reconciliation-record.ts';
import { type ReconcileStep, type SliceContext, stepTo } from './reconcile-step.ts';

// However small a namespace is, so many differences are never too many: it could not be repaired otherwise.
const NEVER_TOO_MANY = 100;

/**
 * Everything is counted and nothing repaired yet. A store in which implausibly much differs is left alone: it may be a
 * new and empty index under an old name, another deployment's, or the catalog may be an old copy; to repair it would
 * embed, or delete, a large part of all there is without anybody having wanted it.
 */
export function judge({ services, run }: SliceContext): ReconcileStep {
  const { telemetry, settings } = services;
  const stopped: string[] = [];
  for (const [store, tally] of Object.entries(run.tallies)) {
    if (run.isForced || tally.outcome !== 'compared' || !isImplausible(tally, settings.maxDifference)) continue;
    stopped.push(store);
    const { checked, missing, stale, orphaned } = tally;
    const difference = { checked, missing, stale, orphaned };
    telemetry.emit({ event: 'reconcile.stopped', severity: 'error', runId: run.id, store, ...difference });
  }
  return stepTo({ phase: 'repairs' }, { stopped });
}

function isImplausible({ checked, missing, stale, orphaned }: StoreTally, maxDifference: number): boolean {
  const differences = missing + stale + orphaned;
  return differences > Math.max(NEVER_TOO_MANY, maxDifference * (checked + orphaned));
}
