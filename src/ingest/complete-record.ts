import type { ReadSource } from '../catalog/sources.ts';
import { describeOverQuota } from './describe-over-quota.ts';
import { endWith, type IngestJob, permanently } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';

/** Writes down what reading its source has shown of a version; ends the job when its lease is lost or it is too much. */
export async function completeRecord(
  services: IngestServices,
  job: IngestJob,
  found: Partial<ReadSource>,
): Promise<void> {
  const completed = { ...job.record, ...found };
  const noted = await services.catalog.sources.note(job.lease, completed, stepDeadline(services));
  if (!noted.ok) return endWith(job, noted.error);
  if (noted.value === 'noted') job.record = completed;
  else if (noted.value === 'lost') job.end = { kind: 'superseded' };
  else endWith(job, permanently('QUOTA_EXCEEDED', describeOverQuota(noted.value)));
}
