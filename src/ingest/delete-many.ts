import type { DeletionTarget } from '../catalog/deletion-target.ts';
import type { Deletion } from '../catalog/deletions.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result, succeed } from '../result.ts';
import { type StorageUnavailable, unavailable } from './accept-document.ts';
import { continueDeletion } from './continue-deletion.ts';
import type { WriteServices } from './ingest-services.ts';
import { sendDeletions } from './send-deletions.ts';

export interface DeletionReceipt {
  id: string;
  /** Documents out of every answer when this was said. */
  matched: number;
  /** `continuing`: there may be more, which follow. */
  state: 'complete' | 'continuing';
}

/** Deletes the documents of a namespace that the target means. `null` when there is no such namespace. */
export async function deleteMany(
  services: WriteServices,
  namespace: string,
  target: DeletionTarget,
): Promise<Result<DeletionReceipt | null, StorageUnavailable>> {
  const { catalog, clock, newId, settings } = services;
  const deadline = deadlineIn(clock, settings.writeDeadlineMs);
  const request = { deletionId: newId(), namespace, target };
  const opened = await catalog.deletions.open(request, clock.nowMs(), deadline);
  if (!opened.ok) return fail(unavailable(opened.error));
  return succeed(opened.value && (await pursue(services, opened.value, deadline)));
}

/** Deletes a namespace with everything in it; `false` when there is none. It is out of every answer at once. */
export async function deleteNamespace(
  services: WriteServices,
  namespace: string,
): Promise<Result<boolean, StorageUnavailable>> {
  const { catalog, clock, namespaceStates, newId, settings } = services;
  const deadline = deadlineIn(clock, settings.writeDeadlineMs);
  const opened = await catalog.deletions.openForNamespace({ deletionId: newId(), namespace }, clock.nowMs(), deadline);
  if (!opened.ok) return fail(unavailable(opened.error));
  if (opened.value === null) return succeed(false);
  const { deletion, state } = opened.value;
  await namespaceStates.publish(namespace, deadline, state);
  if (deletion !== null) await pursue(services, deletion, deadline);
  return succeed(true);
}

// From here on nothing can be refused: what does not get done now is done later.
async function pursue(services: WriteServices, opened: Deletion, deadline: Deadline): Promise<DeletionReceipt> {
  const continued = await continueDeletion(services, opened, deadline);
  const { deletionId: id, marked, isFinished } = continued.ok ? continued.value : opened;
  if (!isFinished) await sendDeletions(services, [opened], deadline);
  services.telemetry.emit({ event: 'deletion.accepted', namespace: opened.namespace, id, marked, isFinished });
  return { id, matched: marked, state: isFinished ? 'complete' : 'continuing' };
}
