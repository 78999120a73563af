import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { completeRecord } from './complete-record.ts';
import { bytesOf, contentHashOf } from './document-identity.ts';
import { type GivenSource, readSource } from './document-source.ts';
import { endWith, type IngestJob, permanently } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';
import { isTextType, type MediaType, mediaTypeNamed, UNREAD_TYPE } from './media-types.ts';

/** What a version is to be made of: from R2, or from its address, which is read once a version. `null` when the job has ended. */
export async function readOriginal(services: IngestServices, job: IngestJob): Promise<GivenSource | null> {
  const { sourceUrl, contentType } = job.record;
  if (sourceUrl !== null && contentType === UNREAD_TYPE) return fetchOriginal(services, job, sourceUrl);
  const type = mediaTypeNamed(contentType);
  if (type === null) {
    endWith(job, permanently('SOURCE_TYPE', `Documents of the type ${contentType} are not read here.`));
    return null;
  }
  const read = await readStored(services, job.record.objectKey, type);
  if (read.ok && read.value !== null) return read.value;
  endWith(job, read.ok ? permanently('SOURCE_MISSING', 'The stored original is gone.') : read.error);
  return null;
}

async function readStored(
  services: IngestServices,
  objectKey: string,
  type: MediaType,
): Promise<Result<GivenSource | null, UpstreamError>> {
  const deadline = stepDeadline(services);
  if (isTextType(type)) {
    const text = await services.objects.read(objectKey, deadline);
    if (!text.ok) return text;
    return succeed(text.value === null ? null : { kind: 'text', contentType: type, content: text.value });
  }
  const file = await services.objects.readBytes(objectKey, deadline);
  if (!file.ok) return file;
  return succeed(file.value === null ? null : { kind: 'file', contentType: type, bytes: file.value });
}

async function fetchOriginal(services: IngestServices, job: IngestJob, sourceUrl: string): Promise<GivenSource | null> {
  const fetched = await services.sources.fetch(sourceUrl, stepDeadline(services));
  if (!fetched.ok) {
    endWith(job, fetched.error);
    return null;
  }
  const { mediaType, url } = fetched.value;
  const source = readSource(mediaType, fetched.value.bytes, fetched.value.contentType);
  if (!source.ok) {
    endWith(job, permanently(source.error.code, source.error.message));
    return null;
  }
  await keepOriginal(services, job, source.value);
  if (job.end !== null) return null;
  const contentBytes = bytesOf(source.value);
  const contentHash = await contentHashOf(source.value);
  await completeRecord(services, job, {
    contentType: mediaType,
    contentBytes,
    contentHash,
    url: job.record.url ?? url,
  });
  return job.end === null ? source.value : null;
}

async function keepOriginal(services: IngestServices, job: IngestJob, source: GivenSource): Promise<void> {
  const { namespace, documentId, objectKey: key } = job.record;
  const content = source.kind === 'text' ? source.content : source.bytes;
  const object = { key, namespace, documentId, content, contentType: source.contentType };
  const kept = await services.objects.put(object, stepDeadline(services));
  if (!kept.ok) endWith(job, kept.error);
}
