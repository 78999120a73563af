import { fail, type Result, succeed } from '../result.ts';
import { decodeText } from './decode-text.ts';
import { beginsLike, knownBeginning } from './file-signatures.ts';
import { factsOf, isTextType, type MediaType, type TextType } from './media-types.ts';

/** Where a document's words come from. */
export type DocumentSource =
  | { kind: 'text'; contentType: TextType; content: string }
  | { kind: 'file'; contentType: Exclude<MediaType, TextType>; bytes: Uint8Array }
  /** Read by the ingestion Worker, anew for every version. */
  | { kind: 'url'; sourceUrl: string };

export type GivenSource = Exclude<DocumentSource, { kind: 'url' }>;

export interface Unreadable {
  kind: 'unprocessable';
  code: 'DOCUMENT_UNREADABLE';
  /** A sentence for the owner. */
  message: string;
}

// Line breaks, form feeds and tabs belong to texts.
const CONTROL = /[^\P{Cc}\t\n\f\r]/gu;
const EXAMINED_CHARACTERS = 100_000;
const MAX_CONTROL_SHARE = 0.01;

/** Bytes of a type as a source; refused when they are not what the type says. `contentType` is the whole header. */
export function readSource(type: MediaType, bytes: Uint8Array, contentType: string): Result<GivenSource, Unreadable> {
  if (isTextType(type)) {
    const text = readText(bytes, contentType);
    return text.ok ? succeed({ kind: 'text', contentType: type, content: text.value }) : text;
  }
  if (type === 'text/csv') {
    const text = readText(bytes, contentType);
    if (!text.ok) return text;
    return succeed({ kind: 'file', contentType: type, bytes: new TextEncoder().encode(text.value) });
  }
  const { signature, extension } = factsOf(type);
  if (signature !== null && !beginsLike(signature, bytes)) {
    return fail(unreadable(`The content type is ${type}, but the bytes are no .${extension} file.`));
  }
  return succeed({ kind: 'file', contentType: type, bytes });
}

/** A text that is really one. */
export function checkText(content: string): Result<string, Unreadable> {
  if (!content.isWellFormed() || content.includes('\0')) {
    return fail(unreadable('The document has NUL characters or broken Unicode: it is not text.'));
  }
  const examined = content.slice(0, EXAMINED_CHARACTERS);
  const controls = examined.match(CONTROL)?.length ?? 0;
  if (controls > 1 && controls > examined.length * MAX_CONTROL_SHARE) {
    return fail(unreadable('The document has many control characters: it is not text.'));
  }
  return succeed(content);
}

function readText(bytes: Uint8Array, contentType: string): Result<string, Unreadable> {
  const beginning = knownBeginning(bytes);
  if (beginning !== null) {
    return fail(unreadable(`The body begins like ${beginning}, not like text: send it with its own content type.`));
  }
  const decoded = decodeText(bytes, contentType);
  return decoded.ok ? checkText(decoded.value) : fail(unreadable(decoded.error));
}

export function unreadable(message: string): Unreadable {
  return { kind: 'unprocessable', code: 'DOCUMENT_UNREADABLE', message };
}
