import { isDeepStrictEqual } from 'node:util';
import type { CatalogDocument, GroundTruth, StoredPassage } from '../stack/ground-truth.ts';
import { type Difference, keyOf, lost, wrong } from './difference.ts';
import type { GivenDocument, Outcome } from './expected-document.ts';

export interface Kept {
  document: CatalogDocument;
  /** What it may have to hold. */
  candidates: Extract<Outcome, { kind: 'present' }>[];
}

/**
 * The passages hold every sentence of one of the documents that may have been accepted last, and each says of itself what
 * was said of that one: what they hold in the lexical index, with which the stores are compared.
 */
export function compareContents(kept: ReadonlyMap<string, Kept>, { indexes }: GroundTruth): Difference[] {
  const passages = Map.groupBy(indexes.lexical ?? [], keyOf);
  return [...kept].flatMap(([key, { document, candidates }]) => {
    if (candidates.length === 0) return [];
    const own = (passages.get(key) ?? []).filter(({ version }) => version === document.version);
    const found = candidates.map(({ given }) => compareContent(document, given, own));
    return found.reduce((best, one) => (one.length < best.length ? one : best));
  });
}

function compareContent(document: CatalogDocument, given: GivenDocument, passages: StoredPassage[]): Difference[] {
  const lacking = given.sentences.filter((sentence) => !passages.some(({ text }) => text.includes(sentence)));
  return [
    ...lacking.map((sentence) => lost('lexical', document, `no passage holds “${sentence}”`)),
    ...passages.flatMap((passage) => {
      const fields = strangeFields(given, passage);
      if (fields.length === 0) return [];
      return [wrong('lexical', document, `not as accepted: ${fields.join(', ')} of chunk ${passage.n}`)];
    }),
  ];
}

function strangeFields({ markdown, title, url, metadata }: GivenDocument, passage: StoredPassage): string[] {
  const { start, end } = passage;
  const headings = headingsAt(markdown, start);
  const wanted = { title: title ?? headings[0], url, metadata, headings, text: markdown.slice(start, end) };
  return Object.entries(wanted).flatMap(([name, value]) =>
    isDeepStrictEqual(passage[name as keyof typeof wanted], value) ? [] : [name],
  );
}

/** Those under which a place stands, outermost first, in Markdown that has them at the beginning of lines and nowhere else. */
function headingsAt(markdown: string, at: number): string[] {
  const path: string[] = [];
  for (const { index, groups } of markdown.matchAll(/^(?<marks>#+) (?<words>.+)$/gm)) {
    if (index > at) break;
    const depth = groups?.marks?.length ?? 1;
    path.splice(depth - 1, path.length, groups?.words ?? '');
  }
  return path;
}
