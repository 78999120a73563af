import { parentPort, workerData } from 'node:worker_threads';
import mammoth from 'mammoth';
import { NodeHtmlMarkdown } from 'node-html-markdown';
import { extractText } from 'unpdf';
import * as z from 'zod';

export type ConversionReply = { kind: 'markdown'; markdown: string } | { kind: 'failed'; message: string };

const Conversion = z.object({
  kind: z.enum(['pdf', 'html', 'docx']),
  name: z.string(),
  bytes: z.instanceof(Uint8Array),
});

async function convert(): Promise<string> {
  const { kind, name, bytes } = Conversion.parse(workerData);
  if (kind === 'html') return NodeHtmlMarkdown.translate(new TextDecoder().decode(bytes)).trim();
  if (kind === 'docx') {
    const { value: html } = await mammoth.convertToHtml({ buffer: Buffer.from(bytes) });
    return NodeHtmlMarkdown.translate(html).trim();
  }
  const { text: pages } = await extractText(bytes, { mergePages: false });
  const sections = pages.map((text, index) => `### Page ${index + 1}\n\n${text.trim()}`);
  return [`# ${name}`, '## Contents', ...sections].join('\n\n');
}

async function reply(): Promise<ConversionReply> {
  try {
    return { kind: 'markdown', markdown: await convert() };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(await reply());
