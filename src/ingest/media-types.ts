/** `text` is read as it is, `html` is made Markdown here, `file` is made Markdown by the converter. */
type Form = 'text' | 'html' | 'file';
/** What the bytes of a file of this type begin like. */
type Signature = 'pdf' | 'zip' | 'compound-file' | null;

interface MediaTypeFacts {
  form: Form;
  extension: string;
  signature: Signature;
}

/**
 * Every type a document may have. The files are those that Workers AI converts without asking a model:
 * https://developers.cloudflare.com/workers-ai/features/markdown-conversion/supported-formats/
 */
const MEDIA_TYPES = {
  'text/markdown': { form: 'text', extension: 'md', signature: null },
  'text/plain': { form: 'text', extension: 'txt', signature: null },
  'text/html': { form: 'html', extension: 'html', signature: null },
  'application/xhtml+xml': { form: 'html', extension: 'xhtml', signature: null },
  'application/pdf': { form: 'file', extension: 'pdf', signature: 'pdf' },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': {
    form: 'file',
    extension: 'docx',
    signature: 'zip',
  },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
    form: 'file',
    extension: 'xlsx',
    signature: 'zip',
  },
  'application/vnd.ms-excel.sheet.macroenabled.12': { form: 'file', extension: 'xlsm', signature: 'zip' },
  'application/vnd.ms-excel.sheet.binary.macroenabled.12': { form: 'file', extension: 'xlsb', signature: 'zip' },
  'application/vnd.ms-excel': { form: 'file', extension: 'xls', signature: 'compound-file' },
  'application/vnd.oasis.opendocument.text': { form: 'file', extension: 'odt', signature: 'zip' },
  'application/vnd.oasis.opendocument.spreadsheet': { form: 'file', extension: 'ods', signature: 'zip' },
  'application/vnd.apple.numbers': { form: 'file', extension: 'numbers', signature: 'zip' },
  'text/csv': { form: 'file', extension: 'csv', signature: null },
} as const satisfies Record<string, MediaTypeFacts>;

export type MediaType = keyof typeof MEDIA_TYPES;
// The keys of a constant are all the keys there are.
export const mediaTypes = Object.keys(MEDIA_TYPES) as MediaType[];

/** Of a document whose address has not been read yet: nobody knows what is there. */
export const UNREAD_TYPE = 'application/octet-stream';

/** What can be given as a text in JSON. */
export const textTypes = ['text/markdown', 'text/plain', 'text/html', 'application/xhtml+xml'] as const;
export type TextType = (typeof textTypes)[number];

export function mediaTypeNamed(name: string): MediaType | null {
  return mediaTypes.find((type) => type === name) ?? null;
}

export function isTextType(type: string): type is TextType {
  return textTypes.some((text) => text === type);
}

export function factsOf(type: MediaType): MediaTypeFacts {
  return MEDIA_TYPES[type];
}

/** The type in a Content-Type header, without its parameters; empty when there is none. */
export function essenceOf(contentType: string): string {
  return contentType.split(';')[0]?.trim().toLowerCase() ?? '';
}
