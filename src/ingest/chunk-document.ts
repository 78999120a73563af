import type { ChunkLimits } from './chunk-size.ts';
import { bodyStart } from './front-matter.ts';
import { markdownSections, type Section } from './markdown-blocks.ts';
import { startOfOverlap } from './overlap.ts';
import { splitProse } from './split-span.ts';
import { textSlices } from './text-slices.ts';
import type { SizedSpan, TextSpan } from './text-span.ts';
import { hasWords } from './words.ts';

const INTRODUCTION_END = /[:：]\s*$/;
const LOOK_BACK = 20;

// Plain text has no headings to cut at. A slice takes a few milliseconds to divide.
const PLAIN_TEXT_SLICE = 2_000;

export type ContentType = 'text/markdown' | 'text/plain';

export interface Chunk {
  /** The headings it stands under, outermost first. */
  headings: string[];
  /** Exactly `content.slice(start, end)`. */
  text: string;
  start: number;
  end: number;
}

/** The chunks of one stretch of a document; there may be none. */
export interface ChunkedStretch {
  chunks: Chunk[];
  end: number;
}

/**
 * Cuts a document into passages along its structure: a section, list, table or block of code stays whole where it
 * fits. In order, and every word outside the front matter is in exactly one of them, or in two where they overlap. A
 * stretch at a time, each a few milliseconds' work whatever the text, so that whoever asks can pause.
 */
export function* chunkDocument(
  content: string,
  contentType: ContentType,
  limits: ChunkLimits,
): Generator<ChunkedStretch> {
  const sections = contentType === 'text/markdown' ? markdown(content, limits) : plainText(content, limits);
  // Where a section goes on, its last chunk so far may take more.
  let open: { headings: string[]; span: SizedSpan } | null = null;
  let before: TextSpan | null = null;

  function* chunksOf(headings: string[], spans: SizedSpan[]): Generator<Chunk> {
    for (const span of spans) {
      const chunk = chunkOf(content, headings, span);
      if (chunk === null) continue;
      yield overlapping(content, chunk, before, limits);
      before = chunk;
    }
  }

  for (const { headings, blocks, isContinuation, end } of sections) {
    const chunks: Chunk[] = [];
    if (blocks.length > 0) {
      if (open !== null && !isContinuation) chunks.push(...chunksOf(open.headings, [open.span]));
      if (!isContinuation) before = null;
      const whole: SizedSpan[] = open !== null && isContinuation ? [open.span, ...blocks] : blocks;
      const packed = pack(joinIntroductions(content, whole, limits.maxSize), limits);
      chunks.push(...chunksOf(headings, packed.slice(0, -1)));
      const last = packed.at(-1);
      open = last === undefined ? null : { headings, span: last };
    }
    yield { chunks, end };
  }
  if (open !== null) yield { chunks: [...chunksOf(open.headings, [open.span])], end: content.length };
}

function chunkOf(content: string, headings: string[], span: TextSpan): Chunk | null {
  const { start, end } = trim(content, span);
  const text = content.slice(start, end);
  return hasWords(text) ? { headings, text, start, end } : null;
}

/** The chunk with the end of the one before it in the same section. */
function overlapping(content: string, chunk: Chunk, before: TextSpan | null, limits: ChunkLimits): Chunk {
  if (limits.overlapSize === 0 || before === null) return chunk;
  const start = startOfOverlap(content, before, chunk, limits);
  return { ...chunk, start, text: content.slice(start, chunk.end) };
}

function markdown(content: string, limits: ChunkLimits): Iterable<Section> {
  return joinBareHeadings(markdownSections(content, bodyStart(content), limits.maxSize));
}

function* plainText(content: string, { targetSize }: ChunkLimits): Generator<Section> {
  for (const slice of textSlices(content, { start: 0, end: content.length }, PLAIN_TEXT_SLICE)) {
    const blocks = splitProse(content, slice, targetSize);
    yield { headings: [], depth: 0, blocks, isContinuation: slice.start > 0, end: slice.end };
  }
}

/** A heading with nothing under it but its subsections says too little alone: it goes with the first of them. */
function* joinBareHeadings(sections: Iterable<Section>): Generator<Section> {
  let bare: Section | null = null;
  for (const section of sections) {
    if (section.blocks.length === 0) {
      yield section;
      continue;
    }
    const isBelow: boolean = bare !== null && section.depth > bare.depth;
    if (bare !== null && !isBelow) yield bare;
    const blocks: SizedSpan[] = bare !== null && isBelow ? [...bare.blocks, ...section.blocks] : section.blocks;
    const isBare: boolean = section.depth > 0 && section.blocks.length === 1 && !section.isContinuation;
    bare = isBare ? { ...section, blocks } : null;
    if (bare === null) yield { ...section, blocks };
  }
  if (bare !== null) yield bare;
}

/** Neighbouring blocks of one section together: all of it when it fits, else up to the target size. */
function pack(blocks: SizedSpan[], { targetSize, maxSize }: ChunkLimits): SizedSpan[] {
  const whole = blocks.reduce((size, block) => size + block.size, 0);
  const limit = whole <= maxSize ? maxSize : targetSize;
  const packed: SizedSpan[] = [];
  for (const [n, block] of blocks.entries()) {
    const last = packed.at(-1);
    // A short beginning or end goes with its neighbour although that exceeds the target.
    const isShort = (last?.size ?? 0) <= targetSize / 4 || (n === blocks.length - 1 && block.size <= targetSize / 4);
    const size = (last?.size ?? 0) + block.size;
    if (last === undefined || size > (isShort ? maxSize : limit)) packed.push({ ...block });
    else packed[packed.length - 1] = { start: last.start, end: block.end, size };
  }
  return packed;
}

/** "For example:" says nothing without the listing below it. */
function joinIntroductions(content: string, blocks: SizedSpan[], maxSize: number): SizedSpan[] {
  const joined: SizedSpan[] = [];
  let introduction: SizedSpan | null = null;
  for (const block of blocks) {
    const last: SizedSpan | null = introduction;
    const fits = last !== null && last.size + block.size <= maxSize;
    if (last !== null && fits) joined.pop();
    const unit: SizedSpan =
      last !== null && fits ? { start: last.start, end: block.end, size: last.size + block.size } : block;
    joined.push(unit);
    introduction = INTRODUCTION_END.test(content.slice(Math.max(block.start, block.end - LOOK_BACK), block.end))
      ? unit
      : null;
  }
  return joined;
}

function trim(content: string, { start, end }: TextSpan): TextSpan {
  const text = content.slice(start, end);
  return { start: start + (text.length - text.trimStart().length), end: start + text.trimEnd().length };
}
