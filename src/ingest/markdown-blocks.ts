import { fromMarkdown } from 'mdast-util-from-markdown';
import { plainHeading } from './document-title.ts';
import { markdownSegments, type Segment } from './markdown-segments.ts';
import { splitCode, splitProse } from './split-span.ts';
import { cutAt, type SizedSpan, sized, type TextSpan } from './text-span.ts';

/** What follows a heading, up to the next one; the heading's own line comes first. */
export interface Section {
  /** From the document's first level down to this one. */
  headings: string[];
  depth: number;
  blocks: SizedSpan[];
  /** True for a part of a long section that is not its first. */
  isContinuation: boolean;
  /** Up to where the text has been read. */
  end: number;
}

type Root = ReturnType<typeof fromMarkdown>;
type Node = Root['children'][number];

interface Block {
  /** `null` for a stretch that was not parsed. */
  node: Node | null;
  span: TextSpan;
  segment: Segment;
}

// Only the structure of blocks is needed. Inline syntax would cost a third of the time, and more on hostile input.
const blocksOnly = {
  disable: {
    null: [
      'attention',
      'autolink',
      'characterEscape',
      'characterReference',
      'codeText',
      'hardBreakEscape',
      'htmlText',
      'labelEnd',
      'labelStartImage',
      'labelStartLink',
    ],
  },
};

// The parser's time grows with the square of the nesting: an 8 KB line of 4,000 list markers takes seconds.
const TOO_DEEP = /^(?:(?:[ \t]*(?:[*+-]|\d{1,9}[.)])[ \t]|[ \t]*>){6}|[ \t]{80})/m;
const MAX_DESCENT = 8;

/**
 * The sections of a Markdown text, in order, long ones in parts; their blocks together are all of it from `from` on. One
 * without blocks says that the next is not known yet, after some milliseconds' work.
 */
export function* markdownSections(content: string, from: number, maxSize: number): Generator<Section> {
  const path: { depth: number; text: string }[] = [];
  let section: Section = { headings: [], depth: 0, blocks: [], isContinuation: false, end: from };
  for (const segment of markdownSegments(content, from)) {
    const { complete, rest } = split(section, segment);
    yield complete;
    section = rest;
    for (const block of blocksOf(content, segment)) {
      if (block.node?.type === 'heading') {
        const { depth } = block.node;
        if (section.blocks.length > 0) yield section;
        while ((path.at(-1)?.depth ?? 0) >= depth) path.pop();
        path.push({ depth, text: headingText(content, segment, block.node) });
        const headings = path.map(({ text }) => text).filter((text) => text !== '');
        section = { ...section, headings, depth, blocks: [], isContinuation: false };
      }
      const parts = divide(content, block, maxSize, 0);
      if (block.span.start === segment.start && segment.continuesBlock) joinCut(section.blocks, parts, maxSize);
      for (const part of parts) section.blocks.push(part);
    }
    section.end = segment.end;
  }
  if (section.blocks.length > 0) yield section;
}

/** What of a section is known when a segment ends: a block that was cut waits for the rest of it. */
function split(section: Section, next: Segment): { complete: Section; rest: Section } {
  const cut = section.blocks.length - Number(next.continuesBlock);
  const [blocks, keptBlocks] = [section.blocks.slice(0, cut), section.blocks.slice(cut)];
  const isContinuation = section.isContinuation || blocks.length > 0;
  return { complete: { ...section, blocks }, rest: { ...section, blocks: keptBlocks, isContinuation } };
}

/** A block that was cut for the parser's sake is whole again where it fits into a chunk. */
function joinCut(blocks: SizedSpan[], parts: SizedSpan[], maxSize: number): void {
  const [before, after] = [blocks.at(-1), parts[0]];
  if (before === undefined || after === undefined || before.size + after.size > maxSize) return;
  blocks.pop();
  parts[0] = { start: before.start, end: after.end, size: before.size + after.size };
}

function blocksOf(content: string, segment: Segment): Block[] {
  const text = content.slice(segment.start, segment.end);
  if (segment.kind !== 'markdown' || TOO_DEEP.test(text)) return [{ node: null, span: segment, segment }];
  const { children } = fromMarkdown(text, { extensions: [blocksOnly] });
  return adjoining(content, segment, segment, children);
}

/** One span a node, without gaps: each begins at its first line, and what lies between belongs to the one before. */
function adjoining(content: string, segment: Segment, parent: TextSpan, nodes: Node[]): Block[] {
  const starts = nodes.slice(1).map((node) => lineStart(content, startOf(node, segment)));
  const pieces = cutAt(parent, starts);
  const isOneEach = pieces.length === nodes.length;
  return isOneEach
    ? pieces.map((span, n) => ({ node: nodes[n] ?? null, span, segment }))
    : [{ node: null, span: parent, segment }];
}

function startOf(node: Node, segment: Segment): number {
  return segment.start + (node.position?.start.offset ?? 0);
}

function lineStart(content: string, offset: number): number {
  return content.lastIndexOf('\n', offset - 1) + 1;
}

function headingText(content: string, segment: Segment, node: Extract<Node, { type: 'heading' }>): string {
  const [first] = node.children;
  const last = node.children.at(-1)?.position?.end.offset;
  return first === undefined || last === undefined
    ? ''
    : plainHeading(content.slice(startOf(first, segment), segment.start + last));
}

function divide(content: string, { node, span, segment }: Block, maxSize: number, level: number): SizedSpan[] {
  const whole = sized(content, span);
  if (whole.size <= maxSize) return [whole];
  const hasBlocks = node?.type === 'list' || node?.type === 'listItem' || node?.type === 'blockquote';
  if (hasBlocks && node.children.length > 0 && level < MAX_DESCENT) {
    const parts = adjoining(content, segment, span, node.children);
    return parts.flatMap((part) => divide(content, part, maxSize, level + 1));
  }
  const isCode = node?.type === 'code' || segment.kind === 'code';
  return isCode ? splitCode(content, span, maxSize) : splitProse(content, span, maxSize);
}
