import type { MarkdownWriter } from './markdown-writer.ts';

/** A block of code that is being read. */
export interface Code {
  language: string;
  /** What is not written yet. */
  text: string;
  isBegun: boolean;
}

// Longer code is written in several blocks: no step takes long.
const LONGEST_CODE = 100_000;

/** Some highlighters make each line of code a block. */
export function openCodeLine(code: Code): () => void {
  if (code.text !== '' && !code.text.endsWith('\n')) code.text += '\n';
  return () => {};
}

/** Writes what there is up to `end`; the rest stays. */
export function writeCode(writer: MarkdownWriter, code: Code, end = code.text.length): void {
  const given = code.text.slice(0, end).replace(/\r\n?/g, '\n');
  const text = (code.isBegun ? given : given.replace(/^\n/, '')).trimEnd();
  if (text !== '') writer.code(code.language, text);
  code.text = code.text.slice(end);
  code.isBegun = true;
}

/** Writes the whole lines of code that has become long. */
export function writeLongCode(writer: MarkdownWriter, code: Code): void {
  const { text } = code;
  if (text.length <= LONGEST_CODE) return;
  const wholeLines = text.lastIndexOf('\n') + 1;
  const endsInsidePair = (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800;
  writeCode(writer, code, wholeLines > 0 ? wholeLines : text.length - (endsInsidePair ? 1 : 0));
}
