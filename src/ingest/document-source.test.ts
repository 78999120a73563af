import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkText, readSource } from './document-source.ts';
import type { MediaType } from './media-types.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf16 = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'));

function textOf(bytes: Uint8Array, contentType = 'text/plain', type: MediaType = 'text/plain'): string {
  const read = readSource(type, bytes, contentType);
  if (!read.ok) throw new Error(read.error.message);
  return read.value.kind === 'text' ? read.value.content : new TextDecoder().decode(read.value.bytes);
}

function refusalOf(bytes: Uint8Array, contentType = 'text/plain', type: MediaType = 'text/plain'): string | null {
  const read = readSource(type, bytes, contentType);
  return read.ok ? null : read.error.message;
}

describe('the charset of a text', () => {
  it.each<[string, Uint8Array, string, MediaType]>([
    ['UTF-8 when nothing is said', utf8('Öl'), 'text/plain', 'text/plain'],
    ['that of the header', latin1('Öl'), 'text/plain; charset=ISO-8859-1', 'text/plain'],
    ['that of the header in quotes', latin1('Öl'), 'text/plain; format=flowed; Charset = "latin1"', 'text/plain'],
    ['that of a byte order mark', utf16('\uFEFFÖl'), 'text/plain; charset=utf-8', 'text/plain'],
    ['UTF-8 with a byte order mark', utf8('\uFEFFÖl'), 'text/plain', 'text/plain'],
  ])('is %s', (_, bytes, contentType, type) => {
    expect(textOf(bytes, contentType, type)).toBe('Öl');
  });

  it.each<[string, string]>([
    ['<meta charset=windows-1252>', 'text/html'],
    ['<META http-equiv="Content-Type" content="text/html; charset=iso-8859-1">', 'text/html'],
    ['<?xml version="1.0" encoding="ISO-8859-1"?>', 'application/xhtml+xml'],
  ])('of a page is what %s says', (declaration, contentType) => {
    const html = `${declaration}<p>Öl</p>`;
    expect(textOf(latin1(html), contentType, 'text/html')).toBe(html);
    expect(textOf(utf8(html), `${contentType}; charset=utf-8`, 'text/html')).toBe(html);
  });

  it('of a page that says UTF-16 in bytes is UTF-8', () => {
    expect(textOf(utf8('<meta charset=utf-16><p>Öl</p>'), 'text/html', 'text/html')).toContain('Öl');
  });

  it('of comma-separated values is UTF-8 afterwards', () => {
    expect(textOf(latin1('Öl,5'), 'text/csv; charset=latin1', 'text/csv')).toBe('Öl,5');
  });

  it.each([
    ['not UTF-8', latin1('Öl'), 'text/plain', 'utf-8'],
    ['not what it says', latin1('a\x81'), 'text/plain; charset=shift_jis', 'shift_jis'],
    ['in no charset there is', utf8('a'), 'text/plain; charset=klingon', '"klingon"'],
  ])('that it is %s is said by name', (_, bytes, contentType, name) => {
    expect(refusalOf(bytes, contentType)).toContain(`charset ${name}`);
  });
});

describe('what is no text', () => {
  it.each<[string, Uint8Array, string]>([
    ['a PDF', utf8('%PDF-1.7\n'), 'a PDF'],
    ['an office file', latin1('PK\x03\x04\x14\0'), 'a ZIP or office file'],
    ['a PNG image', latin1('\x89PNG\r\n'), 'a PNG image'],
    ['a JPEG image', latin1('\xff\xd8\xff\xe0'), 'a JPEG image'],
    ['a GIF image', latin1('GIF89a'), 'a GIF image'],
    ['a gzip file', latin1('\x1f\x8b\x08\0'), 'a gzip file'],
    ['an old office file', latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), 'an old office file'],
  ])('begins like %s, and the refusal says so', (_, bytes, name) => {
    for (const type of ['text/markdown', 'text/html', 'text/csv'] as const) {
      expect(refusalOf(bytes, `${type}; charset=latin1`, type)).toContain(`begins like ${name}`);
    }
  });

  it.each([
    ['a NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud800b'],
    ['many control characters', 'ab\x01\x02\x03\x04'],
  ])('has %s', (_, text) => {
    expect(checkText(text).ok).toBe(false);
  });

  it.each([
    ['a form feed and tabs', 'a\tb\f\r\nc'.repeat(10)],
    ['one stray control character', 'a\x1bb'],
    ['a few of them in a long log', `${'An ordinary line of a log.\n'.repeat(100)}\x1b[31m\x1b[0m`],
    ['words about %PDF-1.7', 'The header %PDF-1.7 begins a PDF.'],
    ['nothing', ''],
  ])('is not a text with %s', (_, text) => {
    expect(checkText(text).ok).toBe(true);
  });

  it('is almost any sequence of bytes', () => {
    void fc.assert(
      fc.property(fc.uint8Array({ minLength: 200, maxLength: 400 }), (bytes) => {
        for (const charset of ['utf-8', 'latin1'])
          expect(refusalOf(bytes, `text/plain; charset=${charset}`)).not.toBeNull();
      }),
      { seed: 5 },
    );
  });
});

describe('a file', () => {
  it.each<[MediaType, Uint8Array]>([
    ['application/pdf', utf8('%PDF-1.7\n')],
    ['application/pdf', utf8(`${' '.repeat(900)}%PDF-1.4`)],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', latin1('PK\x03\x04')],
    ['application/vnd.oasis.opendocument.text', latin1('PK\x03\x04')],
    ['application/vnd.ms-excel', latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')],
  ])('of type %s is taken as it is', (type, bytes) => {
    expect(readSource(type, bytes, type)).toEqual({ ok: true, value: { kind: 'file', contentType: type, bytes } });
  });

  it.each<[MediaType, Uint8Array]>([
    ['application/pdf', utf8('<p>Sign in</p>')],
    ['application/pdf', new Uint8Array()],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', utf8('%PDF-1.7')],
    ['application/vnd.ms-excel', latin1('PK\x03\x04')],
  ])('that is none of type %s is refused', (type, bytes) => {
    expect(refusalOf(bytes, type, type)).toContain(`content type is ${type}`);
  });
});
