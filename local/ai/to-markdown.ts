import { createHash } from 'node:crypto';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { csvToMarkdown } from './csv-to-markdown.ts';
import type { ConversionReply } from './markdown-thread.ts';
import { countTokens } from './tokens.ts';

export interface MarkdownSource {
  name: string;
  mimeType: string;
  bytes: Uint8Array;
}

/** The vendor's shape of one converted file. */
export type MarkdownResult = { id: string; name: string; mimeType: string } & (
  | { format: 'markdown'; tokens: number; data: string }
  | { format: 'error'; error: string }
);

/** A hostile file must not hold a thread for ever. */
const CONVERSION_TIMEOUT_MS = 30_000;
const THREAD_MEMORY_MB = 512;

type Kind = 'pdf' | 'html' | 'docx' | 'csv' | 'text';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

const KIND_OF_TYPE: Readonly<Record<string, Kind>> = {
  'application/pdf': 'pdf',
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  [DOCX]: 'docx',
  'text/csv': 'csv',
  'text/plain': 'text',
  'text/markdown': 'text',
};
const TYPE_OF_EXTENSION: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.html': 'text/html',
  '.htm': 'text/html',
  '.docx': DOCX,
  '.csv': 'text/csv',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
};

export async function toMarkdown(source: MarkdownSource, signal: AbortSignal): Promise<MarkdownResult> {
  const mimeType = mimeTypeOf(source);
  const id = createHash('sha256').update(source.name).update('\0').update(source.bytes).digest('hex').slice(0, 32);
  const reply = await convert(source, mimeType, signal);
  const file = { id, name: source.name, mimeType };
  if (reply.kind === 'failed') return { ...file, format: 'error', error: reply.message };
  return { ...file, format: 'markdown', tokens: countTokens(reply.markdown), data: reply.markdown };
}

/** Files often come with a type that says nothing; then the name decides. */
function mimeTypeOf({ name, mimeType }: MarkdownSource): string {
  const declared = mimeType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (declared !== '' && declared !== 'application/octet-stream') return declared;
  return TYPE_OF_EXTENSION[extname(name).toLowerCase()] ?? 'application/octet-stream';
}

async function convert(source: MarkdownSource, mimeType: string, signal: AbortSignal): Promise<ConversionReply> {
  const kind = KIND_OF_TYPE[mimeType];
  if (!kind) return { kind: 'failed', message: `Unsupported file type: ${mimeType}` };
  if (kind === 'text') return { kind: 'markdown', markdown: new TextDecoder().decode(source.bytes) };
  if (kind === 'csv') return { kind: 'markdown', markdown: csvToMarkdown(new TextDecoder().decode(source.bytes)) };
  return convertInThread({ kind, name: source.name, bytes: source.bytes }, signal);
}

/** The converters may keep a thread busy for seconds, so they never run beside the other services. */
function convertInThread(
  conversion: { kind: 'pdf' | 'html' | 'docx'; name: string; bytes: Uint8Array },
  signal: AbortSignal,
): Promise<ConversionReply> {
  return new Promise((resolve) => {
    const worker = new Worker(join(import.meta.dirname, 'markdown-thread.ts'), {
      workerData: conversion,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MEMORY_MB },
      // pdf.js warns on the console about fonts it does without.
      stdout: true,
      stderr: true,
    });
    const finish = (reply: ConversionReply) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(reply);
      void worker.terminate();
    };
    const onAbort = () => finish({ kind: 'failed', message: 'The client left' });
    const timer = setTimeout(
      () => finish({ kind: 'failed', message: 'The conversion took too long' }),
      CONVERSION_TIMEOUT_MS,
    );
    signal.addEventListener('abort', onAbort, { once: true });
    worker.once('message', finish);
    worker.once('error', (error) => finish({ kind: 'failed', message: String(error) }));
    worker.once('exit', () => finish({ kind: 'failed', message: 'The conversion ended without a result' }));
  });
}
