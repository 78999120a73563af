// https://www.iana.org/assignments/media-types/ and the formats' own specifications.
const PDF = /%PDF-\d/;
// Readers accept what other software put before the header (ISO 32000-1, implementation note 13).
const PDF_HEADER_WITHIN = 1_024;

const BEGINNINGS: readonly [name: string, bytes: readonly number[]][] = [
  ['a ZIP or office file', [0x50, 0x4b, 0x03, 0x04]],
  ['an old office file', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['a PNG image', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG image', [0xff, 0xd8, 0xff]],
  ['a GIF image', [0x47, 0x49, 0x46, 0x38, 0x37, 0x61]],
  ['a GIF image', [0x47, 0x49, 0x46, 0x38, 0x39, 0x61]],
  ['a gzip file', [0x1f, 0x8b, 0x08]],
  ['a program', [0x7f, 0x45, 0x4c, 0x46]],
];

/** What a file that is certainly no text begins like, in words; `null` for everything else. */
export function knownBeginning(bytes: Uint8Array): string | null {
  if (/^%PDF-\d/.test(latin1(bytes, 8))) return 'a PDF';
  return BEGINNINGS.find(([, beginning]) => startsWith(bytes, beginning))?.[0] ?? null;
}

export function beginsLike(signature: 'pdf' | 'zip' | 'compound-file', bytes: Uint8Array): boolean {
  if (signature === 'pdf') return PDF.test(latin1(bytes, PDF_HEADER_WITHIN));
  const beginning = knownBeginning(bytes);
  return beginning === (signature === 'zip' ? 'a ZIP or office file' : 'an old office file');
}

function startsWith(bytes: Uint8Array, beginning: readonly number[]): boolean {
  return beginning.every((byte, at) => bytes[at] === byte);
}

function latin1(bytes: Uint8Array, length: number): string {
  return String.fromCharCode(...bytes.subarray(0, length));
}
