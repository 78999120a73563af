/** Follows a Markdown text, one UTF-16 unit after another: what the bracket that ends it may be the end of. */
export interface BracketTracker {
  step(unit: string): void;
  /** Empty at the beginning of a line. */
  last(): string;
  /** A colon makes what is in the brackets the label of a definition, for some renderer. */
  maybeLabel(): boolean;
  /** An address in parentheses makes what is in the brackets a link or an image, for every renderer. */
  isLinkText(): boolean;
}

const LINE_END = /[\n\v\f\r\u0085\u2028\u2029]/;
// Also in quotes and in items of lists. A definition begins its line: https://spec.commonmark.org/0.31.2/#link-reference-definitions
const LABEL_BEGUN = /^[^\p{L}]*\[$/u;
const LABEL_ENDED = /(?<!\\)\]/;
// Nothing that takes precedence over a link: a reference's label, a note, a citation, a directive, code, formulas, cells.
const LINK_TEXT = /\[(?<!(?:[\\\]^]|:[\w-]*)\[)(?!\^|\d+\])[^[\]\\`<>$|]*\]$/;

export function createBracketTracker(): BracketTracker {
  let line = '';
  /** A label may have begun in this line, or in one before it. */
  let isLabel = false;

  return {
    step(unit) {
      if (LINE_END.test(unit)) return endLine();
      line += unit;
      if (unit === '[') isLabel ||= LABEL_BEGUN.test(line);
    },
    last: () => line.at(-1) ?? '',
    maybeLabel: () => isLabel && line.endsWith(']'),
    isLinkText: () => LINK_TEXT.test(line),
  };

  function endLine(): void {
    isLabel &&= !LABEL_ENDED.test(line);
    line = '';
  }
}
