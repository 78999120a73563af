import type { Deadline } from '../../resilience/deadline.ts';
import { fail, type Result, succeed } from '../../result.ts';
import type { GivenSource } from '../document-source.ts';
import { type JobError, permanently } from '../ingest-job.ts';
import type { IngestServices } from '../ingest-services.ts';
import { factsOf } from '../media-types.ts';
import { PAUSE_MS } from '../pause.ts';
import { hasWords } from '../words.ts';
import { type ConversionFailure, type ConvertedText, tooLarge } from './conversion.ts';
import { type HtmlOptions, htmlToMarkdown } from './html-to-markdown.ts';

export interface ConversionServices extends Pick<IngestServices, 'converter' | 'telemetry' | 'wait'> {
  settings: Pick<IngestServices['settings'], 'maxConvertedCharacters'>;
}

/** The text that a document is searched by: its own, or what it is converted to. Fails when there are no words in it. */
export async function makeText(
  services: ConversionServices,
  original: GivenSource,
  { documentId, baseUrl }: { documentId: string; baseUrl: string | null },
  deadline: Deadline,
): Promise<Result<ConvertedText, JobError>> {
  const made =
    original.kind === 'file'
      ? await convertFile(services, original, documentId, deadline)
      : await convertText(services, original, baseUrl);
  if (!made.ok || hasWords(made.value.text)) return made;
  return fail(permanently('DOCUMENT_EMPTY', 'The document has no words.'));
}

async function convertText(
  services: ConversionServices,
  { contentType, content }: Extract<GivenSource, { kind: 'text' }>,
  baseUrl: string | null,
): Promise<Result<ConvertedText, JobError>> {
  if (contentType === 'text/markdown' || contentType === 'text/plain') return succeed({ text: content, title: null });
  const isXhtml = contentType === 'application/xhtml+xml';
  const converted = await convertPage(services, content, { baseUrl, isXhtml });
  return converted.ok ? converted : fail(permanently(converted.error.code, converted.error.message));
}

// A page that breaks the reader must not take the rest of the batch with it.
async function convertPage(
  { settings, telemetry, wait }: ConversionServices,
  html: string,
  page: Pick<HtmlOptions, 'baseUrl' | 'isXhtml'>,
): Promise<Result<ConvertedText, ConversionFailure>> {
  try {
    return await htmlToMarkdown(html, {
      ...page,
      maxCharacters: settings.maxConvertedCharacters,
      pause: () => wait(PAUSE_MS),
    });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    telemetry.emit({ event: 'bug', where: 'htmlToMarkdown', message, stack: stack ?? null });
    return fail({ code: 'CONVERSION_FAILED', message: 'The page could not be read.' });
  }
}

async function convertFile(
  { converter, settings }: ConversionServices,
  { contentType: mediaType, bytes }: Extract<GivenSource, { kind: 'file' }>,
  documentId: string,
  deadline: Deadline,
): Promise<Result<ConvertedText, JobError>> {
  const file = { name: fileName(documentId, factsOf(mediaType).extension), mediaType, bytes };
  const converted = await converter.convert(file, deadline);
  if (!converted.ok) return converted;
  if (converted.value.length > settings.maxConvertedCharacters) {
    const { code, message } = tooLarge(settings.maxConvertedCharacters);
    return fail(permanently(code, message));
  }
  // Stores end a text at a NUL and know no lone surrogates.
  return succeed({ text: converted.value.replaceAll('\0', '').toWellFormed(), title: null });
}

/** The last part of the id, with the ending of the type: converters go by it too. */
function fileName(documentId: string, extension: string): string {
  const name = documentId.slice(documentId.lastIndexOf('/') + 1);
  return name.toLowerCase().endsWith(`.${extension}`) ? name : `${name}.${extension}`;
}
