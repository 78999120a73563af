import { deadlineIn } from '../resilience/deadline.ts';
import { completeRecord } from './complete-record.ts';
import type { ConvertedText } from './convert/conversion.ts';
import { makeText } from './convert/make-text.ts';
import { textKeyOf } from './document-objects.ts';
import { isConverted, textOf } from './document-text.ts';
import { defaultTitle, plainTitle } from './document-title.ts';
import { endWith, type IngestJob, ongoing } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { reportProgress, stepDeadline } from './lease-deadline.ts';
import { UNREAD_TYPE } from './media-types.ts';
import { describedBy } from './read-front-matter.ts';
import { readOriginal } from './read-original.ts';

// Each holds a whole file in memory, more than once while it is on its way to the converter.
const CONVERSIONS_AT_ONCE = 2;
// A consumer has 15 minutes for a batch (https://developers.cloudflare.com/queues/platform/limits/), and what has been
// converted already waits for the rest of it.
const BEGIN_WITHIN_MS = 180_000;

/**
 * Makes the text of each document that is none itself and keeps it beside the original. A text that is there already
 * is the one: the last thing an attempt does is to keep it.
 */
export async function convertDocuments(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const unwritten = ongoing(jobs).filter(({ missing, record }) => missing.size > 0 && isConverted(record));
  for (const job of unwritten) job.progress = { stage: 'converting', done: 0, total: 0 };
  await reportProgress(services, unwritten);
  const beginning = deadlineIn(services.clock, BEGIN_WITHIN_MS);
  for (let at = 0; at < unwritten.length; at += CONVERSIONS_AT_ONCE) {
    const some = ongoing(unwritten.slice(at, at + CONVERSIONS_AT_ONCE));
    if (beginning.remainingMs() > 0) await Promise.all(some.map((job) => convert(services, job)));
    else for (const job of some) job.end = { kind: 'waiting' };
    await reportProgress(services, jobs);
  }
}

async function convert(services: IngestServices, job: IngestJob): Promise<void> {
  const kept = await services.objects.has(textKeyOf(job.record.objectKey), stepDeadline(services));
  if (!kept.ok) return endWith(job, kept.error);
  // One that is not described yet was read for a version that has been changed meanwhile.
  if (kept.value && job.record.contentType !== UNREAD_TYPE) return;
  const original = await readOriginal(services, job);
  if (original === null) return;
  // Reading an address and converting a file take long: each gets the time of a step.
  await reportProgress(services, [job]);
  if (job.end !== null) return;
  const { documentId, url: baseUrl } = job.record;
  const made = await makeText(services, original, { documentId, baseUrl }, stepDeadline(services));
  if (!made.ok) return endWith(job, made.error);
  await keepText(services, job, made.value);
}

async function keepText(services: IngestServices, job: IngestJob, { text, title }: ConvertedText): Promise<void> {
  const { namespace, documentId } = job.record;
  const { key, contentType } = textOf(job.record);
  const found = job.record.contentType === 'text/markdown' ? describedBy(text, job.record) : job.record;
  const named =
    found.title ?? (title === null ? null : plainTitle(title)) ?? defaultTitle(documentId, text, contentType);
  const { url, metadata } = found;
  await completeRecord(services, job, { title: named, url, metadata });
  if (job.end !== null) return;
  const object = { key, namespace, documentId, content: text, contentType };
  const kept = await services.objects.putOnce(object, stepDeadline(services));
  if (!kept.ok) endWith(job, kept.error);
}
