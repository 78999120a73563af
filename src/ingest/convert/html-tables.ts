import { hasWords } from '../words.ts';
import type { createInlineText } from './inline-text.ts';
import type { MarkdownWriter } from './markdown-writer.ts';

interface Table {
  hasRows: boolean;
  /** It only places things on the page: there is no table to read. */
  isLayout: boolean;
  cells: string[] | null;
  /** What was read of a long cell. */
  cellParts: string[];
}

const nothing = () => {};

/** Rows and cells of a page's tables. A table whose cells have structure of their own is read as if it were none. */
export function createHtmlTables(writer: MarkdownWriter, inline: ReturnType<typeof createInlineText>) {
  const tables: Table[] = [];

  /** The table that is being read cell by cell. */
  function current(): Table | null {
    const table = tables.at(-1);
    return table === undefined || table.isLayout ? null : table;
  }

  function takeCellText(): string {
    return inline.take().replaceAll('\n', ' ').replaceAll('|', '\\|');
  }

  function writeStray(): void {
    const stray = inline.take();
    if (hasWords(stray)) writer.paragraph(stray);
  }

  return {
    isInTable: () => current() !== null,

    /** What was read of the row becomes paragraphs. */
    becomeLayout(): void {
      const table = current();
      if (table === null) return;
      table.isLayout = true;
      for (const cell of table.cells ?? []) if (hasWords(cell)) writer.paragraph(cell);
      table.cells = null;
      for (const part of table.cellParts) if (hasWords(part)) writer.paragraph(part);
      table.cellParts = [];
    },

    /** Puts aside what was read of a cell, so that no step takes long. */
    takePart(): void {
      current()?.cellParts.push(takeCellText());
    },

    open(role: string | undefined): () => void {
      tables.push({ hasRows: false, isLayout: role === 'presentation' || role === 'none', cells: null, cellParts: [] });
      return () => {
        tables.pop();
      };
    },

    openRow(): () => void {
      const table = current();
      if (table === null) return nothing;
      writeStray();
      const cells: string[] = [];
      table.cells = cells;
      return () => {
        table.cells = null;
        if (table.isLayout) return;
        writeStray();
        if (!cells.some(hasWords)) return;
        writer.row(cells, !table.hasRows);
        table.hasRows = true;
      };
    },

    openCell(): () => void {
      const table = current();
      if (table === null) return nothing;
      return () => {
        if (table.isLayout) return;
        table.cells?.push([...table.cellParts, takeCellText()].join(' ').trimEnd());
        table.cellParts = [];
      };
    },
  };
}
