import { fail, type Result, succeed } from '../result.ts';
import { essenceOf } from './media-types.ts';

// https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding looks no further either.
const DECLARATION_WITHIN = 1_024;
const PARAMETER = /;\s*charset\s*=\s*"?([^";\s]+)/i;
const META = /<meta\s[^>]*?charset\s*=\s*["']?\s*([\w:.-]+)/i;
const XML = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w:.-]+)/;
const MAX_QUOTED_CHARACTERS = 40;

/**
 * Bytes as text, in the charset that a byte order mark, the header, or the document itself declares, else UTF-8. What
 * is not text in that charset fails with a sentence that names it.
 */
export function decodeText(bytes: Uint8Array, contentType: string): Result<string, string> {
  const charset =
    markedCharset(bytes) ?? PARAMETER.exec(contentType)?.[1] ?? declaredCharset(bytes, contentType) ?? 'utf-8';
  const named = charset.slice(0, MAX_QUOTED_CHARACTERS);
  const decoder = decoderOf(charset);
  if (decoder === null) return fail(`The charset ${JSON.stringify(named)} is not known; send UTF-8.`);
  try {
    return succeed(decoder.decode(bytes));
  } catch {
    return fail(`The document is not text in the charset ${named}; send UTF-8, or name its charset in Content-Type.`);
  }
}

function markedCharset([first, second, third]: Uint8Array): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return null;
}

function declaredCharset(bytes: Uint8Array, contentType: string): string | null {
  const type = essenceOf(contentType);
  if (type !== 'text/html' && type !== 'application/xhtml+xml') return null;
  const head = String.fromCharCode(...bytes.subarray(0, DECLARATION_WITHIN));
  const declared = XML.exec(head)?.[1] ?? META.exec(head)?.[1] ?? null;
  // Whoever could read this declaration does not read UTF-16.
  return declared !== null && /^utf-?16/i.test(declared) ? 'utf-8' : declared;
}

function decoderOf(charset: string): TextDecoder | null {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: false });
  } catch {
    return null;
  }
}
