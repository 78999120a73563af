import { longestBackticks } from './inline-text.ts';

/** Thrown when the text grows past what is allowed; whoever converts catches it. */
export class TextTooLong extends Error {
  override name = 'TextTooLong';
}

type Container = ({ kind: 'quote' } | { kind: 'item'; marker: string }) & { isBegun: boolean };
interface List {
  /** The number of the next item; `null` in a list without numbers. */
  next: number | null;
  hasItems: boolean;
}

// Every line below repeats what it stands in.
const MAX_CONTAINERS = 12;
// Joined as they come, so that there is no long join at the end.
const PARTS_PER_PAGE = 1_000;
const CHARACTERS_PER_PAGE = 100_000;
// What would begin a heading, list, quote, block of code, rule or tag where the page has mere text.
const LOOKS_LIKE_MARKUP = /^(?=#{1,6}(?:\s|$)|>|[-+*](?:\s|$)|```|~~~|-{3,}$|={3,}$|<[A-Za-z/!?])/;
const LOOKS_LIKE_NUMBER = /^(\d{1,9})([.)])(?=\s|$)/;

/** Writes Markdown block by block. */
export function createMarkdownWriter(maxCharacters: number) {
  const pages: string[] = [];
  let parts: string[] = [];
  let length = 0;
  let pageStart = 0;
  const containers: Container[] = [];
  const lists: List[] = [];
  let tableColumns: number | null = null;

  function write(text: string): void {
    length += text.length;
    if (length > maxCharacters) throw new TextTooLong();
    parts.push(text);
    if (parts.length < PARTS_PER_PAGE && length - pageStart < CHARACTERS_PER_PAGE) return;
    pages.push(parts.join(''));
    parts = [];
    pageStart = length;
  }

  function linePrefix(): string {
    return containers
      .map((container) => {
        if (container.kind === 'quote') return '> ';
        return container.isBegun ? ' '.repeat(container.marker.length) : container.marker;
      })
      .join('');
  }

  /** Items of a list follow each other closely; all else is a paragraph apart. */
  function separate(): void {
    if (length === 0) return;
    const beginning = containers.findIndex((container) => container.kind === 'item' && !container.isBegun);
    const isNested = containers.slice(0, beginning).some(({ kind }) => kind === 'item');
    const isClose = beginning !== -1 && (isNested || lists.at(-1)?.hasItems === true);
    write(isClose ? '\n' : `\n${linePrefixOfBlank()}\n`);
  }

  function linePrefixOfBlank(): string {
    return containers
      .filter(({ isBegun }) => isBegun)
      .map((container) => (container.kind === 'quote' ? '> ' : ' '.repeat(container.marker.length)))
      .join('')
      .trimEnd();
  }

  function writeBlock(text: string): void {
    tableColumns = null;
    separate();
    const first = linePrefix();
    for (const container of containers) container.isBegun = true;
    const rest = linePrefix();
    write(`${first}${rest === '' ? text : text.replaceAll('\n', `\n${rest}`)}`);
    for (const list of lists) list.hasItems = true;
  }

  return {
    /** How much there is; what is written next begins after it. */
    length: () => length,
    text: () => [...pages, ...parts].join(''),

    paragraph(text: string): void {
      writeBlock(text.split('\n').map(escapeLine).join('\n'));
    },

    heading(level: number, text: string): void {
      writeBlock(`${'#'.repeat(level)} ${text}`);
    },

    code(language: string, code: string): void {
      const fence = '`'.repeat(Math.max(2, longestBackticks(code)) + 1);
      writeBlock(`${fence}${language}\n${code}\n${fence}`);
    },

    /** One row of a table; the first one since `beginTable` is its head. */
    row(cells: string[], isFirst: boolean): void {
      const line = `| ${cells.join(' | ')} |`;
      if (isFirst || tableColumns === null) {
        writeBlock(`${line}\n|${' --- |'.repeat(cells.length)}`);
        tableColumns = cells.length;
        return;
      }
      write(`\n${linePrefix()}${line}`);
    },

    beginQuote: () => beginContainer({ kind: 'quote', isBegun: false }),

    beginList(start: number | null): () => void {
      const list: List = { next: start, hasItems: false };
      lists.push(list);
      return () => {
        lists.splice(lists.indexOf(list), 1);
      };
    },

    beginItem(): () => void {
      const list = lists.at(-1);
      const marker = list === undefined || list.next === null ? '- ' : `${list.next}. `;
      if (list !== undefined && list.next !== null) list.next += 1;
      return beginContainer({ kind: 'item', marker, isBegun: false });
    },
  };

  function beginContainer(container: Container): () => void {
    if (containers.length >= MAX_CONTAINERS) return () => {};
    containers.push(container);
    return () => {
      containers.splice(containers.indexOf(container), 1);
    };
  }
}

export type MarkdownWriter = ReturnType<typeof createMarkdownWriter>;

function escapeLine(line: string): string {
  return line.replace(LOOKS_LIKE_MARKUP, '\\').replace(LOOKS_LIKE_NUMBER, '$1\\$2');
}
