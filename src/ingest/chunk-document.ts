import type { ChunkLimits } from './chunk-size.ts';
import { bodyStart } from './front-matter.ts';
import { markdownSections, type Section } from './markdown-blocks.ts';
import { splitProse } from './split-span.ts';
import type { SizedSpan, TextSpan } from './text-span.ts';
import { hasWords } from './words.ts';

export type ContentType = 'text/markdown' | 'text/plain';

export interface Chunk {
  /** The headings it stands under, outermost first. */
  headings: string[];
  /** Exactly `content.slice(start, end)`. */
  text: string;
  start: number;
  end: number;
}

/**
 * Cuts a document into passages along its structure: a section, list, table or block of code stays whole where it
 * fits. In order, without overlap, and every word outside the front matter is in exactly one of them.
 */
export function chunkDocument(content: string, contentType: ContentType, limits: ChunkLimits): Chunk[] {
  const sections = contentType === 'text/markdown' ? markdown(content, limits) : plainText(content, limits);
  return sections.flatMap(({ headings, blocks }) =>
    pack(blocks, limits).flatMap((span) => {
      const trimmed = trim(content, span);
      const text = content.slice(trimmed.start, trimmed.end);
      return hasWords(text) ? [{ headings, text, ...trimmed }] : [];
    }),
  );
}

function markdown(content: string, limits: ChunkLimits): Section[] {
  const sections = markdownSections(content, bodyStart(content), limits.maxSize);
  return joinBareHeadings(sections);
}

function plainText(content: string, limits: ChunkLimits): Section[] {
  const blocks = splitProse(content, { start: 0, end: content.length }, limits.targetSize);
  return [{ headings: [], depth: 0, blocks }];
}

/** A heading with nothing under it but its subsections says too little alone: it goes with the first of them. */
function joinBareHeadings(sections: Section[]): Section[] {
  const joined: Section[] = [];
  let bare: Section | null = null;
  for (const section of sections) {
    const isBelow: boolean = bare !== null && section.depth > bare.depth;
    if (bare !== null && !isBelow) joined.push(bare);
    const blocks: SizedSpan[] = bare !== null && isBelow ? [...bare.blocks, ...section.blocks] : section.blocks;
    const hasHeadingsOnly: boolean = section.depth > 0 && section.blocks.length === 1;
    bare = hasHeadingsOnly ? { ...section, blocks } : null;
    if (bare === null) joined.push({ ...section, blocks });
  }
  if (bare !== null) joined.push(bare);
  return joined;
}

/** Neighbouring blocks of one section together: all of it when it fits, else up to the target size. */
function pack(blocks: SizedSpan[], { targetSize, maxSize }: ChunkLimits): SizedSpan[] {
  const whole = blocks.reduce((size, block) => size + block.size, 0);
  const limit = whole <= maxSize ? maxSize : targetSize;
  const packed: SizedSpan[] = [];
  for (const block of blocks) {
    const last = packed.at(-1);
    if (last === undefined || !belongsTogether(last, block, limit, { targetSize, maxSize })) packed.push({ ...block });
    else {
      last.end = block.end;
      last.size += block.size;
    }
  }
  return packed;
}

// A short stretch goes with its neighbour although that exceeds the target: a sentence that introduces a listing, the
// last line of a section.
function belongsTogether(last: SizedSpan, block: SizedSpan, limit: number, limits: ChunkLimits): boolean {
  const size = last.size + block.size;
  if (size <= limit) return true;
  return size <= limits.maxSize && Math.min(last.size, block.size) <= limits.targetSize / 4;
}

function trim(content: string, { start, end }: TextSpan): TextSpan {
  const text = content.slice(start, end);
  return { start: start + (text.length - text.trimStart().length), end: start + text.trimEnd().length };
}
