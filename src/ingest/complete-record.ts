import type { ReadSource } from '../catalog/sources.ts';
import { endWith, type IngestJob } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';

/** Writes down what reading its source has shown of a version; ends the job when its lease is lost. */
export async function completeRecord(
  services: IngestServices,
  job: IngestJob,
  found: Partial<ReadSource>,
): Promise<void> {
  const completed = { ...job.record, ...found };
  const noted = await services.catalog.sources.note(job.lease, completed, stepDeadline(services));
  if (!noted.ok) return endWith(job, noted.error);
  if (noted.value) job.record = completed;
  else job.end = { kind: 'superseded' };
}
