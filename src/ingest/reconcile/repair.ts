import type { ReconcileFinding } from '../../catalog/reconciliation-record.ts';
import type { DocumentVersion } from '../../catalog/reconciliation-truth.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import { type Result, succeed } from '../../result.ts';
import { DOCUMENTS } from '../document-objects.ts';
import { enqueue } from '../enqueue.ts';
import { originalOf } from './find-orphan-objects.ts';
import { add, type Counted, type ReconcileStep, type SliceContext, stepTo } from './reconcile-step.ts';

const FINDINGS_PER_SLICE = 50;

/**
 * The next findings. What a store lacks is left to ingestion, the only writer of chunks: all this does is to take back
 * that the store has the document. What nothing names any more is removed, unless something has named it meanwhile.
 */
export async function repair(context: SliceContext): Promise<Result<ReconcileStep, UpstreamError>> {
  const { services, run, deadline } = context;
  const findings = await services.catalog.reconciliationSteps.findings(run.id, FINDINGS_PER_SLICE, deadline);
  if (!findings.ok) return findings;
  if (findings.value.length === 0) return succeed(stepTo(null));
  const step = stepTo({ phase: 'repairs' });
  const [behind, orphans] = [findings.value.filter(isBehind), findings.value.filter((one) => !isBehind(one))];
  const handedOver = await handToIngestion(context, behind, step);
  if (!handedOver.ok) return handedOver;
  for (const ofOne of Map.groupBy(orphans, ({ store, namespace }) => JSON.stringify([store, namespace])).values()) {
    const removed = await removeOrphans(context, ofOne, step);
    if (!removed.ok) return removed;
  }
  return succeed({ ...step, isWaiting: step.settled.length === 0 });
}

function isBehind({ kind }: ReconcileFinding): boolean {
  return kind === 'behind';
}

async function handToIngestion(
  { services, hasObjects, deadline }: SliceContext,
  findings: ReconcileFinding[],
  step: ReconcileStep,
): Promise<Result<void, UpstreamError>> {
  if (findings.length === 0) return succeed(undefined);
  const { catalog, objectListing, clock } = services;
  const live = await catalog.reconciliationTruth.originals(findings.map(versionOf), deadline);
  if (!live.ok) return live;
  const sourceless = new Set<string>();
  for (const { objectKey, ...version } of hasObjects ? live.value : []) {
    const exists = await objectListing.exists(objectKey, deadline);
    if (!exists.ok) return exists;
    if (!exists.value) sourceless.add(keyOf(version));
  }
  const repairable = findings.filter((finding) => !sourceless.has(keyOf(versionOf(finding))));
  const asked = repairable.map((finding) => ({ ...versionOf(finding), store: finding.store }));
  const held = await catalog.reconciliationTruth.markBehind(asked, clock.nowMs(), deadline);
  if (!held.ok) return held;
  const isHeld = new Set(held.value.map(keyOf));
  const isLive = new Set(live.value.map(keyOf));
  const free = repairable.filter((finding) => !isHeld.has(keyOf(versionOf(finding))));
  const messages = new Map(free.map((finding) => [keyOf(versionOf(finding)), versionOf(finding)]));
  const due = [...messages].filter(([key]) => isLive.has(key));
  // Should this fail, the sweep finds them.
  if (due.length > 0) {
    await enqueue(
      services,
      due.map(([, version]) => ({ v: 1, kind: 'index', ...version })),
      deadline,
    );
  }
  // One that is no longer live, or changed, has been dealt with.
  for (const { store, chunks } of free) add(step.counted, store, { repaired: chunks });
  step.settled.push(...free, ...findings.filter((finding) => sourceless.has(keyOf(versionOf(finding)))));
  return succeed(undefined);
}

async function removeOrphans(
  { services, stores, deadline }: SliceContext,
  findings: ReconcileFinding[],
  step: ReconcileStep,
): Promise<Result<void, UpstreamError>> {
  const [{ store: name, namespace } = { store: '', namespace: '' }] = findings;
  const truth = services.catalog.reconciliationTruth;
  const keys = findings.map(({ key }) => key);
  if (name === DOCUMENTS) {
    const unknown = await truth.unknownObjects([...new Set(keys.map(originalOf))], deadline);
    if (!unknown.ok) return unknown;
    const isUnknown = new Set(unknown.value);
    const orphans = keys.filter((key) => isUnknown.has(originalOf(key)));
    const removed = await services.objects.remove(orphans, deadline);
    if (!removed.ok) return removed;
  } else {
    const orphans = await truth.unknownChunks(keys, deadline);
    if (!orphans.ok) return orphans;
    const store = stores.find((one) => one.name === name);
    const removed = await store?.remove(namespace, orphans.value, deadline);
    if (removed?.ok === false) return removed;
    // Where one store had it, another may: one that cannot list is asked for it by the next run.
    step.remembered.push(...orphans.value.map((chunkId) => ({ namespace, chunkId })));
  }
  add(step.counted, name, { repaired: findings.length } satisfies Counted);
  step.settled.push(...findings);
  return succeed(undefined);
}

function versionOf({ namespace, key, version }: ReconcileFinding): DocumentVersion {
  return { namespace, documentId: key, version };
}

function keyOf({ namespace, documentId, version }: DocumentVersion): string {
  return JSON.stringify([namespace, documentId, version]);
}
