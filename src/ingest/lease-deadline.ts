import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { IngestJob } from './ingest-job.ts';
import { endWith, ongoing } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';

/** For the next step: well before the lease ends, so that no write of ours lands in somebody else's time. */
export function stepDeadline({ clock, settings }: IngestServices): Deadline {
  return deadlineIn(clock, Math.floor(settings.leaseMs / 2));
}

/** Shows how far the jobs are, and extends their leases; ends those that have lost theirs. */
export async function reportProgress(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const { catalog, clock, settings } = services;
  const held = ongoing(jobs);
  const options = { nowMs: clock.nowMs(), leaseMs: settings.leaseMs };
  const reported = await catalog.leases.report(held, options, stepDeadline(services));
  for (const [n, job] of held.entries()) {
    if (!reported.ok) endWith(job, reported.error);
    else if (reported.value[n] !== true) job.end = { kind: 'superseded' };
  }
}
