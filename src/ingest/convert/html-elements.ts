/** Never part of what a page says. */
export const SKIPPED: ReadonlySet<string> = new Set([
  'script',
  'style',
  'template',
  'noscript',
  'svg',
  'iframe',
  'object',
  'canvas',
  'audio',
  'video',
  'nav',
  'button',
  'select',
  'textarea',
  'datalist',
  'dialog',
]);

/** Around what a page says; inside an article they belong to it. */
export const SKIPPED_OUTSIDE_CONTENT: ReadonlySet<string> = new Set(['header', 'footer', 'aside']);

export const SKIPPED_ROLES: ReadonlySet<string> = new Set(['navigation', 'banner', 'contentinfo', 'search']);

/** They end the line before them, and begin a new one. */
export const BLOCKS: ReadonlySet<string> = new Set([
  'address',
  'article',
  'aside',
  'blockquote',
  'body',
  'caption',
  'center',
  'dd',
  'details',
  'div',
  'dl',
  'dt',
  'fieldset',
  'figcaption',
  'figure',
  'footer',
  'form',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'header',
  'hgroup',
  'hr',
  'legend',
  'li',
  'main',
  'menu',
  'ol',
  'option',
  'p',
  'pre',
  'section',
  'summary',
  'table',
  'td',
  'th',
  'tr',
  'ul',
]);

/** In a cell they show that the table only places things on the page. */
export const STRUCTURE: ReadonlySet<string> = new Set([
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'ul',
  'ol',
  'pre',
  'table',
  'article',
  'main',
  'section',
]);

export const CODE: ReadonlySet<string> = new Set(['code', 'kbd', 'samp', 'tt']);

const LANGUAGE = /(?:^|\s)(?:language|lang|highlight-source|highlight)-([\w+#.-]+)/;
const MAX_LANGUAGE_CHARACTERS = 30;

/** The language of a block of code, as the usual highlighters write it into the class. */
export function codeLanguage(className: string | undefined): string {
  return LANGUAGE.exec(className ?? '')?.[1]?.slice(0, MAX_LANGUAGE_CHARACTERS) ?? '';
}
