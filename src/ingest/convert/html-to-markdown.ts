import { Parser } from 'htmlparser2';
import { fail, type Result, succeed } from '../../result.ts';
import { hasWords } from '../words.ts';
import { type ConversionFailure, type ConvertedText, tooLarge } from './conversion.ts';
import { createHtmlReader, NestedTooDeep, type Region } from './html-reader.ts';
import { createMarkdownWriter, TextTooLong } from './markdown-writer.ts';

export interface HtmlOptions {
  /** Where the page is: its links are made absolute. `null`: only links that are absolute stay links. */
  baseUrl: string | null;
  /** Whether it is XHTML: every element may be closed as it is opened, and text may stand in CDATA. */
  isXhtml?: boolean;
  maxCharacters: number;
  /** Lets others work between slices. */
  pause(): Promise<void>;
}

// Each a few milliseconds' work.
const SLICE_CHARACTERS = 8_000;
const STRETCHES_BETWEEN_PAUSES = 10_000;

/**
 * What a page says, as Markdown: its main content, without what is around it. Streamed through a parser that builds no
 * tree, in slices, so that neither memory nor the longest step grows with the page.
 */
export async function htmlToMarkdown(
  html: string,
  { baseUrl, isXhtml = false, maxCharacters, pause }: HtmlOptions,
): Promise<Result<ConvertedText, ConversionFailure>> {
  const writer = createMarkdownWriter(maxCharacters);
  const reader = createHtmlReader(writer, baseUrl);
  // A section of character data comes in one piece.
  let long = '';
  const ontext = (data: string) => {
    if (data.length <= SLICE_CHARACTERS) return reader.ontext(data);
    long = data;
    parser.pause();
  };
  // Not the parser's mode for XML: that knows no names of entities but XML's own, and minds the case of tags.
  const parser = new Parser(
    { ...reader, ontext },
    { decodeEntities: true, recognizeSelfClosing: isXhtml, recognizeCDATA: isXhtml },
  );
  try {
    for (const slice of slicesOf(html)) {
      parser.write(slice);
      await pause();
      while (long !== '') {
        const slices = slicesOf(long);
        long = '';
        for (const part of slices) {
          reader.ontext(part);
          await pause();
        }
        parser.resume();
      }
    }
    parser.end();
  } catch (error) {
    if (error instanceof TextTooLong) return fail(tooLarge(maxCharacters));
    if (!(error instanceof NestedTooDeep)) throw error;
    return fail({ code: 'CONVERSION_FAILED', message: 'Its elements are nested too deep to be read.' });
  }
  await pause();
  const text = writer.text();
  await pause();
  return succeed({ text: await mainContent(text, reader.regions, pause), title: titleOf(reader.titles) });
}

function* slicesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += SLICE_CHARACTERS) yield text.slice(at, at + SLICE_CHARACTERS);
}

/** The best part that has words at all. */
async function mainContent(text: string, regions: Region[], pause: HtmlOptions['pause']): Promise<string> {
  const all = { start: 0, end: text.length };
  const ofKind = (kind: Region['kind']) => regions.filter((region) => region.kind === kind);
  const inForms = await textOf(text, ofKind('form'), pause);
  // Some sites have their pages in a form, or all their goods in one each.
  const forms = inForms.length > text.length / 2 ? [] : ofKind('form');
  const candidates: (() => Stretch[])[] = [
    () => without(forms, ofKind('main')),
    () => without(forms, ofKind('article')),
    () => without(forms, [all]),
    () => [all],
  ];
  for (const stretchesOf of candidates) {
    await pause();
    const content = await textOf(text, stretchesOf(), pause);
    if (hasWords(content)) return `${content}\n`;
  }
  return '';
}

async function textOf(text: string, stretches: Stretch[], pause: HtmlOptions['pause']): Promise<string> {
  const chosen: string[] = [];
  for (const [n, { start, end }] of stretches.entries()) {
    if (n % STRETCHES_BETWEEN_PAUSES === STRETCHES_BETWEEN_PAUSES - 1) await pause();
    const part = text.slice(start, end).trim();
    if (part !== '') chosen.push(part);
  }
  return chosen.join('\n\n');
}

interface Stretch {
  start: number;
  end: number;
}

/** Both lists are in order and without overlap, and may be long. */
function without(left: Stretch[], stretches: Stretch[]): Stretch[] {
  const kept: Stretch[] = [];
  let next = 0;
  for (const { start, end } of stretches) {
    let at = start;
    for (let out = left[next]; out !== undefined && out.start < end; out = left[next]) {
      kept.push({ start: at, end: Math.max(at, out.start) });
      at = Math.max(at, out.end);
      if (out.end > end) break;
      next += 1;
    }
    kept.push({ start: Math.min(at, end), end });
  }
  return kept;
}

function titleOf({ title, og, h1 }: { title: string; og: string; h1: string }): string | null {
  const named = [title, og, h1].map((text) => text.replace(/\s+/g, ' ').trim());
  return named.find(hasWords) ?? null;
}
