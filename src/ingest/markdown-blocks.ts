import { fromMarkdown } from 'mdast-util-from-markdown';
import { plainHeading } from './document-title.ts';
import { splitCode, splitProse } from './split-span.ts';
import { cutAt, type SizedSpan, sized, type TextSpan } from './text-span.ts';

/** What follows a heading, up to the next one; the heading's own line comes first. */
export interface Section {
  /** From the document's first level down to this one. */
  headings: string[];
  depth: number;
  blocks: SizedSpan[];
}

type Root = ReturnType<typeof fromMarkdown>;
type Node = Root['children'][number];

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

// The parser takes time that grows with the square of the nesting: an 8 KB line of 4,000 list markers takes seconds.
const TOO_DEEP = /^(?:[ \t]|[>*+-][ \t]|>|\d{1,9}[.)][ \t]){100}/m;
const MAX_DESCENT = 8;

/** The sections of a Markdown text, in order; their blocks together are all of it from `from` on. */
export function markdownSections(content: string, from: number, maxSize: number): Section[] {
  const body = { start: from, end: content.length };
  if (TOO_DEEP.test(content)) return [{ headings: [], depth: 0, blocks: splitProse(content, body, maxSize) }];
  const root = fromMarkdown(blank(content, from), { extensions: [blocksOnly] });
  const spans = spansOf(content, body, root.children);
  const path: { depth: number; text: string }[] = [];
  let section: Section = { headings: [], depth: 0, blocks: [] };
  const sections = [section];
  for (const [node, span] of spans) {
    if (node.type === 'heading') {
      while ((path.at(-1)?.depth ?? 0) >= node.depth) path.pop();
      path.push({ depth: node.depth, text: headingText(content, node) });
      section = { headings: path.map(({ text }) => text).filter((text) => text !== ''), depth: node.depth, blocks: [] };
      sections.push(section);
    }
    section.blocks.push(...divide(content, node, span, maxSize, 0));
  }
  return sections;
}

// Offsets stay those of the content when what comes before the body is blanked instead of cut.
function blank(content: string, from: number): string {
  return from === 0 ? content : content.slice(0, from).replace(/[^\n]/g, ' ') + content.slice(from);
}

function headingText(content: string, node: Extract<Node, { type: 'heading' }>): string {
  const first = node.children[0]?.position?.start.offset;
  const last = node.children.at(-1)?.position?.end.offset;
  return first === undefined || last === undefined ? '' : plainHeading(content.slice(first, last));
}

/** One span a node, without gaps: each begins at its first line, and what lies between belongs to the one before. */
function spansOf<T extends Node>(content: string, parent: TextSpan, nodes: T[]): [T, TextSpan][] {
  const starts = nodes.slice(1).map((node) => lineStart(content, node.position?.start.offset ?? parent.end));
  const pieces = cutAt(parent, starts);
  if (pieces.length !== nodes.length) return nodes.slice(0, 1).map((node) => [node, parent]);
  return pieces.flatMap((piece, n) => {
    const node = nodes[n];
    return node === undefined ? [] : [[node, piece] satisfies [T, TextSpan]];
  });
}

function lineStart(content: string, offset: number): number {
  return content.lastIndexOf('\n', offset - 1) + 1;
}

function divide(content: string, node: Node, span: TextSpan, maxSize: number, level: number): SizedSpan[] {
  const whole = sized(content, span);
  if (whole.size <= maxSize) return [whole];
  const hasBlocks = node.type === 'list' || node.type === 'listItem' || node.type === 'blockquote';
  if (hasBlocks && node.children.length > 0 && level < MAX_DESCENT) {
    const children: Node[] = node.children;
    return spansOf(content, span, children).flatMap(([child, childSpan]) =>
      divide(content, child, childSpan, maxSize, level + 1),
    );
  }
  return node.type === 'code' ? splitCode(content, span, maxSize) : splitProse(content, span, maxSize);
}
