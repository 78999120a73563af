import type { ReconcilePosition } from '../../catalog/reconciliation-record.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
import { compareChunks } from './compare-chunks.ts';
import { findListedOrphans } from './find-listed-orphans.ts';
import { findOrphanObjects } from './find-orphan-objects.ts';
import { findReturnedChunks } from './find-returned-chunks.ts';
import { judge } from './judge.ts';
import type { ReconcileStep, SliceContext } from './reconcile-step.ts';
import { repair } from './repair.ts';

/** Where a run begins. */
export function beginningOf(namespace: string | null): ReconcilePosition {
  return { phase: 'chunks', namespace: namespace ?? '', documentId: '', version: 0, n: -1 };
}

/** What a run does, in this order: it counts everything, then judges, then repairs. */
export async function takeStep(context: SliceContext): Promise<Result<ReconcileStep, UpstreamError>> {
  const { position } = context.run;
  switch (position.phase) {
    case 'chunks':
      return compareChunks(context, position);
    case 'listings':
      return findListedOrphans(context, position);
    case 'objects':
      return findOrphanObjects(context, position);
    case 'removed':
      return findReturnedChunks(context, position);
    case 'judging':
      return succeed(judge(context));
    case 'repairs':
      return repair(context);
  }
}
