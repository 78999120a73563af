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
 * The sections of a Markdown text, in order, long ones in parts; their blocks together are all of it from `from` on.
 */
export function* markdownSections(content: string, from: number, maxSize: number): Generator<Section> {
  const path: { depth: number; text: string }[] = [];
  let section: Section = { headings: [], depth: 0, blocks: [], isContinuation: false };
  for (const segment of markdownSegments(content, from)) {
    if (section.blocks.length > 0) {
      yield section;
      section = { ...section, blocks: [], isContinuation: true };
    }
    for (const block of blocksOf(content, segment)) {
      if (block.node?.type === 'heading') {
        const { depth } = block.node;
        if (section.blocks.length > 0) yield section;
        while ((path.at(-1)?.depth ?? 0) >= depth) path.pop();
        path.push({ depth, text: headingText(content, segment, block.node) });
        const headings = path.map(({ text }) => text).filter((text) => text !== '');
        section = { headings, depth, blocks: [], isContinuation: false };
      }
      for (const part of divide(content, block, maxSize, 0)) section.blocks.push(part);
    }
  }
  if (section.blocks.length > 0) yield section;
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
