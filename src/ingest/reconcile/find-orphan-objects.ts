import type { Deadline } from '../../resilience/deadline.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
import { DOCUMENTS } from '../document-objects.ts';
import { orphanOf } from './find-listed-orphans.ts';
import { type ReconcileStep, type SliceContext, stepTo } from './reconcile-step.ts';

// A text made from an original lies beside it, under the original's key and this.
const DERIVED = /\/text$/;

/** One page of what is in R2, and which of it no version names. */
export async function findOrphanObjects(
  { services, run, hasObjects, deadline }: SliceContext,
  { cursor }: { cursor: string | null },
): Promise<Result<ReconcileStep, UpstreamError>> {
  const removed = { phase: 'removed', namespace: run.namespace ?? '', chunkId: '' } as const;
  if (!hasObjects) return succeed(stepTo(removed));
  const page = await services.objectListing.list(run.namespace, cursor, deadline);
  if (!page.ok) return page;
  const { objects, nextCursor } = page.value;
  const uploadedUntilMs = services.clock.nowMs() - services.settings.orphanAgeMs;
  const originals = new Map(
    objects.filter(({ uploadedAtMs }) => uploadedAtMs <= uploadedUntilMs).map(({ key }) => [key, originalOf(key)]),
  );
  const asked = [...new Set(originals.values())];
  const unknown = await services.catalog.reconciliationTruth.unknownObjects(asked, deadline);
  if (!unknown.ok) return unknown;
  const isUnknown = new Set(unknown.value);
  const nameless = [...originals].filter(([, original]) => isUnknown.has(original)).map(([key]) => key);
  const orphans = await stillThere(services, nameless, deadline);
  if (!orphans.ok) return orphans;
  const next = nextCursor === null ? removed : ({ phase: 'objects', cursor: nextCursor } as const);
  return succeed(
    stepTo(next, {
      counted: new Map([[DOCUMENTS, { orphaned: orphans.value.length }]]),
      found: orphans.value.map((key) => orphanOf(DOCUMENTS, namespaceOf(key), key)),
    }),
  );
}

/** A document may have been removed between the two questions, its original first. */
async function stillThere(
  { objects }: SliceContext['services'],
  keys: string[],
  deadline: Deadline,
): Promise<Result<string[], UpstreamError>> {
  const looks = await Promise.all(keys.map(async (key) => ({ key, exists: await objects.has(key, deadline) })));
  const there: string[] = [];
  for (const { key, exists } of looks) {
    if (!exists.ok) return exists;
    if (exists.value) there.push(key);
  }
  return succeed(there);
}

export function originalOf(key: string): string {
  return key.replace(DERIVED, '');
}

// v1/<namespace>/<hash of the id>/<ulid>
function namespaceOf(key: string): string {
  return key.split('/')[1] ?? '';
}
