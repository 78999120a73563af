import type { Deadline } from '../../resilience/deadline.ts';
import { deadlineIn } from '../../resilience/deadline.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import type { Result } from '../../result.ts';
import { succeed } from '../../result.ts';
import type { IngestServices, WriteServices } from '../ingest-services.ts';
import { beginningOf } from './take-step.ts';

export type Started = { kind: 'started'; id: string } | { kind: 'running'; id: string };

// A delayed message waits half a minute, a slice takes no longer than its lease.
const SILENT_MS = 120_000;
const SCHEDULE_TIMEOUT_MS = 10_000;

/** Begins a comparison as an operator wants it, unless one is running. */
export async function startReconciliation(
  services: WriteServices,
  { namespace, isForced }: { namespace: string | null; isForced: boolean },
  deadline: Deadline,
): Promise<Result<Started, UpstreamError>> {
  const id = services.newId();
  const run = { id, namespace, isForced, requestedBy: 'operator', position: beginningOf(namespace) } as const;
  const started = await services.catalog.reconciliations.start(run, services.clock.nowMs(), deadline);
  if (!started.ok) return started;
  if (started.value.kind === 'running') return succeed(started.value);
  await send(services, id, deadline);
  return succeed({ kind: 'started', id });
}

/** Begins the one that is due, and sends again the message of one that has fallen silent. */
export async function scheduleReconciliation(services: IngestServices): Promise<void> {
  const { catalog, clock, settings } = services;
  const deadline = deadlineIn(clock, SCHEDULE_TIMEOUT_MS);
  const nowMs = clock.nowMs();
  const id = services.newId();
  const run = { id, namespace: null, isForced: false, requestedBy: 'schedule', position: beginningOf(null) } as const;
  const options = { intervalMs: settings.reconcileIntervalMs, nowMs };
  const started = await catalog.reconciliations.startIfDue(run, options, deadline);
  if (started.ok && started.value) return send(services, id, deadline);
  const silent = await catalog.reconciliations.findSilent({ silentMs: SILENT_MS, nowMs }, deadline);
  if (silent.ok && silent.value !== null) await send(services, silent.value, deadline);
}

async function send(
  { queue, telemetry }: Pick<WriteServices, 'queue' | 'telemetry'>,
  runId: string,
  deadline: Deadline,
) {
  const sent = await queue.send([{ v: 1, kind: 'reconcile', runId }], deadline);
  if (!sent.ok) telemetry.emit({ event: 'queue.send-failed', count: 1, message: sent.error.message });
}
