import { indentOf, itemsAfter } from './list-items.ts';

/** Where a line of a Markdown text stands. */
export type FencePlace = 'outside' | 'opening' | 'inside' | 'closing';

interface Fence {
  run: string;
  /** The column where the text of the list item begins that it is in; 0 outside of lists. */
  item: number;
}

export const SHORTEST_FENCE = 3;
/** What may stand in a line before a fence. */
export const BEFORE_FENCE = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*$/;
// https://spec.commonmark.org/0.31.2/#fenced-code-blocks: a fourth space makes it something else.
export const DEEPEST_FENCE = 3;
// More than this before a fence is no list that anybody writes.
export const MOST_BEFORE_FENCE = 100;

const OPENING = /^([-*+.)\d \t]*)(`{3,}|~{3,})(.*)$/s;
const CLOSING = /^([ \t]*)(`{3,}|~{3,})[ \t]*$/;
const WHITE = /^[ \t]*/;
// Most lines are neither of a list nor a fence, and cost next to nothing.
const MAY_MATTER = /^[ \t]*[-*+\d`~]/;
// Nobody names a language in a longer line; one that is cut may have its closing backticks in the rest.
const LONGEST_OPENING = 1_000;

/** The columns of the list items a fence is in that has this before it in its line; `null` where it would be no fence. */
export function itemsOfFence(lead: string, items: readonly number[]): readonly number[] | null {
  if (lead.length >= MOST_BEFORE_FENCE || !BEFORE_FENCE.test(lead)) return null;
  const open = itemsAfter(`${lead}~`, items);
  return indentOf(lead) - (open.at(-1) ?? 0) <= DEEPEST_FENCE ? open : null;
}

/**
 * Follows a Markdown text, one line after another, and knows the fences of CommonMark outside of quotes, also those in list
 * items, where a fence ends with its item at the latest.
 */
export function createFenceTracker(): (line: string) => FencePlace {
  let items: readonly number[] = [];
  let fence: Fence | null = null;

  return (wholeLine) => {
    const line = withoutEnd(wholeLine);
    if (fence !== null && isWithin(fence, line)) {
      if (!closes(fence, line)) return 'inside';
      fence = null;
      return 'closing';
    }
    fence = null;
    if (items.length === 0 && !MAY_MATTER.test(line)) return 'outside';
    fence = openedBy(line, items);
    items = itemsAfter(line.slice(0, MOST_BEFORE_FENCE), items);
    return fence === null ? 'outside' : 'opening';
  };
}

function withoutEnd(line: string): string {
  if (!line.endsWith('\n')) return line;
  return line.slice(0, line.endsWith('\r\n') ? -2 : -1);
}

function isWithin({ item }: Fence, line: string): boolean {
  if (item === 0) return true;
  const white = WHITE.exec(line)?.[0] ?? '';
  return white === line || indentOf(white) >= item;
}

function closes({ run, item }: Fence, line: string): boolean {
  const found = CLOSING.exec(line);
  if (found === null) return false;
  const [, lead = '', closing = ''] = found;
  return closing.startsWith(run) && indentOf(lead) - item <= DEEPEST_FENCE;
}

function openedBy(line: string, items: readonly number[]): Fence | null {
  if (line.length > LONGEST_OPENING) return null;
  const found = OPENING.exec(line);
  if (found === null) return null;
  const [, lead = '', run = '', info = ''] = found;
  if (run.startsWith('`') && info.includes('`')) return null;
  const within = itemsOfFence(lead, items);
  return within === null ? null : { run, item: within.at(-1) ?? 0 };
}
