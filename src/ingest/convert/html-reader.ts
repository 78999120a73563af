import { type Code, openCodeLine, writeCode, writeLongCode } from './html-code.ts';
import {
  BLOCKS,
  CODE,
  codeLanguage,
  SKIPPED,
  SKIPPED_OUTSIDE_CONTENT,
  SKIPPED_ROLES,
  STRUCTURE,
} from './html-elements.ts';
import { createHtmlTables } from './html-tables.ts';
import { createInlineText } from './inline-text.ts';
import type { MarkdownWriter } from './markdown-writer.ts';

/** Thrown for a page whose elements stand in each other without end. */
export class NestedTooDeep extends Error {
  override name = 'NestedTooDeep';
}

/** A stretch of what was written, by the element it was in. A form that a page's content is in is none. */
export interface Region {
  kind: 'main' | 'article' | 'form';
  start: number;
  end: number;
}

type Attributes = Record<string, string>;
type Close = () => void;
const MAX_DEPTH = 1_000;
const MAX_LINK_CHARACTERS = 1_000;
const MAX_ALT_CHARACTERS = 1_000;
const MAX_TITLE_SOURCE_CHARACTERS = 2_000;
// A paragraph or cell without end is written in parts: no step takes long.
const LONGEST_LINE = 20_000;

/** Receives a page's tags and text and writes what it says. Balanced: every opened tag is closed, in order. */
export function createHtmlReader(writer: MarkdownWriter, baseUrl: string | null) {
  const closers: Close[] = [];
  const inline = createInlineText();
  const regions: Region[] = [];
  const tables = createHtmlTables(writer, inline);
  const depths = { main: 0, article: 0, form: 0 };
  const titles = { title: '', og: '', h1: '' };
  let base = baseUrl;
  let skipped = 0;
  let code: Code | null = null;
  let isInTitle = false;
  let headingLevel = 0;
  let formHasContent = false;

  function flush(): void {
    if (tables.isInTable()) {
      inline.text(' ');
      return;
    }
    const text = inline.take();
    if (text === '') return;
    if (headingLevel === 0) {
      writer.paragraph(text);
      return;
    }
    const heading = text.replaceAll('\n', ' ');
    if (headingLevel === 1 && titles.h1 === '') titles.h1 = heading;
    writer.heading(headingLevel, heading);
  }

  function open(name: string, attributes: Attributes): Close {
    if (isSkipped(name, attributes)) {
      skipped += 1;
      return () => {
        skipped -= 1;
      };
    }
    if (!BLOCKS.has(name)) return openInline(name, attributes);
    if (code !== null) return openCodeLine(code);
    if (STRUCTURE.has(name)) tables.becomeLayout();
    flush();
    const close = openBlock(name, attributes);
    return () => {
      flush();
      close();
    };
  }

  function lineBreak(): void {
    if (code === null) inline.lineBreak();
    else code.text += '\n';
  }

  function isSkipped(name: string, { role, hidden, 'aria-hidden': ariaHidden }: Attributes): boolean {
    if (name === 'body' || name === 'html') return false;
    const isHidden = (hidden !== undefined && hidden !== 'until-found') || ariaHidden === 'true';
    if (SKIPPED.has(name) || isHidden) return true;
    if (depths.main + depths.article > 0) return false;
    return SKIPPED_OUTSIDE_CONTENT.has(name) || (role !== undefined && SKIPPED_ROLES.has(role));
  }

  function openInline(name: string, attributes: Attributes): Close {
    if (name === 'br') lineBreak();
    if (name === 'img') inline.text(` ${attributes.alt?.slice(0, MAX_ALT_CHARACTERS) ?? ''} `);
    if (name === 'base' && base === baseUrl) base = absolute(attributes.href) ?? base;
    if (name === 'meta' && attributes.property === 'og:title') {
      titles.og ||= attributes.content?.slice(0, MAX_TITLE_SOURCE_CHARACTERS) ?? '';
    }
    if (name === 'title' && titles.title === '') {
      isInTitle = true;
      return () => {
        isInTitle = false;
      };
    }
    if (CODE.has(name)) {
      if (code === null) return inline.open({ kind: 'code' });
      code.language ||= codeLanguage(attributes.class);
    }
    if (name === 'a' && code === null) {
      const to = absolute(attributes.href);
      if (to !== null) return inline.open({ kind: 'link', to });
    }
    return () => {};
  }

  function openBlock(name: string, attributes: Attributes): Close {
    if (name === 'main' || attributes.role === 'main') return openRegion('main');
    if (name === 'article' || name === 'form') return openRegion(name);
    switch (name) {
      case 'h1':
      case 'h2':
      case 'h3':
      case 'h4':
      case 'h5':
      case 'h6':
        headingLevel = Number(name[1]);
        return () => {
          headingLevel = 0;
        };
      case 'ul':
      case 'menu':
        return writer.beginList(null);
      case 'ol':
        return writer.beginList(startOf(attributes.start));
      case 'li':
        return writer.beginItem();
      case 'blockquote':
        return writer.beginQuote();
      case 'pre':
        return openCode(attributes);
      case 'table':
        return tables.open(attributes.role);
      case 'tr':
        return tables.openRow();
      case 'td':
      case 'th':
        return tables.openCell();
      default:
        return () => {};
    }
  }

  function openRegion(kind: Region['kind']): Close {
    const start = writer.length();
    depths[kind] += 1;
    // The parser knows no forms in forms.
    formHasContent = kind !== 'form';
    return () => {
      depths[kind] -= 1;
      if (depths[kind] > 0 || (kind === 'form' && formHasContent)) return;
      regions.push({ kind, start, end: writer.length() });
    };
  }

  function openCode(attributes: Attributes): Close {
    const opened = { language: codeLanguage(attributes.class), text: '', isBegun: false };
    code = opened;
    return () => {
      code = null;
      writeCode(writer, opened);
    };
  }

  function writeLongParts(): void {
    if (code !== null) writeLongCode(writer, code);
    if (inline.length() <= LONGEST_LINE) return;
    if (tables.isInTable()) tables.takePart();
    else flush();
  }

  function absolute(href: string | undefined): string | null {
    // One of megabytes would take long to parse.
    if (href === undefined || href.length > MAX_LINK_CHARACTERS || href.startsWith('#')) return null;
    if (!URL.canParse(href, base ?? undefined)) return null;
    const url = new URL(href, base ?? undefined);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
    const address = url.href.replaceAll('(', '%28').replaceAll(')', '%29');
    return address.length > MAX_LINK_CHARACTERS ? null : address;
  }

  return {
    regions,
    titles,
    onopentag(name: string, attributes: Attributes): void {
      if (closers.length >= MAX_DEPTH) throw new NestedTooDeep();
      closers.push(skipped > 0 ? () => {} : open(name, attributes));
      if (name === 'br' || name === 'img') writeLongParts();
    },
    onclosetag(): void {
      closers.pop()?.();
    },
    ontext(data: string): void {
      if (skipped > 0) return;
      if (isInTitle) titles.title = `${titles.title}${data}`.slice(0, MAX_TITLE_SOURCE_CHARACTERS);
      else if (code !== null) code.text += data;
      else inline.text(data);
      writeLongParts();
    },
    onend: flush,
  };
}

function startOf(start: string | undefined): number {
  return start !== undefined && /^\d{1,9}$/.test(start) ? Number(start) : 1;
}
