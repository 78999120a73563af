import { deadlineIn } from '../resilience/deadline.ts';
import { fail, type Result } from '../result.ts';
import { completeRecord } from './complete-record.ts';
import { type ConversionFailure, type ConvertedText, tooLarge } from './convert/conversion.ts';
import { htmlToMarkdown } from './convert/html-to-markdown.ts';
import { textKeyOf } from './document-objects.ts';
import type { GivenSource } from './document-source.ts';
import { isConverted, textOf } from './document-text.ts';
import { defaultTitle, plainTitle } from './document-title.ts';
import { endWith, type IngestJob, ongoing, permanently } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { reportProgress, stepDeadline } from './lease-deadline.ts';
import { factsOf } from './media-types.ts';
import { describedBy } from './read-front-matter.ts';
import { readOriginal } from './read-original.ts';
import { hasWords } from './words.ts';

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
  if (kept.value) return;
  const original = await readOriginal(services, job);
  if (original === null) return;
  // Reading an address and converting a file take long: each gets the time of a step.
  await reportProgress(services, [job]);
  if (job.end !== null) return;
  const made = await makeText(services, job, original);
  if (made === null) return;
  if (!hasWords(made.text)) return endWith(job, permanently('DOCUMENT_EMPTY', 'The document has no words.'));
  await keepText(services, job, made);
}

/** `null` when the job has ended. */
async function makeText(
  services: IngestServices,
  job: IngestJob,
  original: GivenSource,
): Promise<ConvertedText | null> {
  if (original.kind === 'file') return convertFile(services, job, original);
  if (original.contentType === 'text/markdown' || original.contentType === 'text/plain') {
    return { text: original.content, title: null };
  }
  const converted = await convertPage(services, job, original.content);
  if (converted.ok) return converted.value;
  endWith(job, permanently(converted.error.code, converted.error.message));
  return null;
}

// A page that breaks the reader must not take the rest of the batch with it.
async function convertPage(
  services: IngestServices,
  job: IngestJob,
  html: string,
): Promise<Result<ConvertedText, ConversionFailure>> {
  try {
    return await htmlToMarkdown(html, {
      baseUrl: job.record.url,
      maxCharacters: services.settings.maxConvertedCharacters,
      pause: () => services.wait(0),
    });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    services.telemetry.emit({ event: 'bug', where: 'htmlToMarkdown', message, stack: stack ?? null });
    return fail({ code: 'CONVERSION_FAILED', message: 'The page could not be read.' });
  }
}

async function convertFile(
  services: IngestServices,
  job: IngestJob,
  { contentType: mediaType, bytes }: Extract<GivenSource, { kind: 'file' }>,
): Promise<ConvertedText | null> {
  const { maxConvertedCharacters } = services.settings;
  const file = { name: fileName(job.record.documentId, factsOf(mediaType).extension), mediaType, bytes };
  const converted = await services.converter.convert(file, stepDeadline(services));
  if (!converted.ok) {
    endWith(job, converted.error);
    return null;
  }
  if (converted.value.length > maxConvertedCharacters) {
    const { code, message } = tooLarge(maxConvertedCharacters);
    endWith(job, permanently(code, message));
    return null;
  }
  // Stores end a text at a NUL and know no lone surrogates.
  return { text: converted.value.replaceAll('\0', '').toWellFormed(), title: null };
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

/** The last part of the id, with the ending of the type: converters go by it too. */
function fileName(documentId: string, extension: string): string {
  const name = documentId.slice(documentId.lastIndexOf('/') + 1);
  return name.toLowerCase().endsWith(`.${extension}`) ? name : `${name}.${extension}`;
}
