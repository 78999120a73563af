import type { Passage } from './answer.ts';

// What stands between `](` or `]:` and the end of an address.
const LINKED = /\](?:\(|:)\s*<?((?:[^\s<>`[\]()]|\([^\s<>`[\]()]*\))+)/g;
const STANDING = /(?:(?:https?|ftp):)?\/\/[\w\-.~:/?#@!$&+,;=%\\]+|www\.[\w\-.~:/?#@!$&+,;=%\\]+/gi;
const ATTRIBUTE = /\b(?:href|src)\s*=\s*(?:"([^"\s]+)"|'([^'\s]+)')/gi;
/** A sentence's own punctuation is not its link's. */
export const PUNCTUATION = /[.,:;!?_~\\]*$/;
// https://spec.commonmark.org/0.31.2/#backslash-escapes
const ESCAPED = /\\([!-/:-@[-`{-~])/g;

/** The addresses that a text may have when these are its sources. */
export function addressesOf(passages: readonly Passage[]): ReadonlySet<string> {
  const found = passages.flatMap(({ text, url }) => [
    ...[...text.matchAll(LINKED)].map(([, address = '']) => address),
    ...[...text.matchAll(STANDING)].map(([address]) => address.replace(PUNCTUATION, '')),
    ...[...text.matchAll(ATTRIBUTE)].map(([, double, single]) => double ?? single ?? ''),
    url ?? '',
  ]);
  return new Set(found.map(comparable).filter((address) => address !== ''));
}

/** As Markdown reads it. What else may stand for characters in it (`&#47;`) no honest address needs: it equals none. */
export function decoded(address: string): string {
  return address.replace(ESCAPED, '$1').replace(/&amp;/gi, '&');
}

/** However its scheme is written or left out, and whether or not a slash ends it. */
export function comparable(address: string): string {
  return decoded(address)
    .replace(/^https?:(?=\/\/)/i, '')
    .replace(/^www\./i, '//www.')
    .replace(/\/$/, '');
}
