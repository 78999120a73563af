import type { DocumentSource } from '../../src/ingest/document-source.ts';
import type { TextType } from '../../src/ingest/media-types.ts';

/** A text as the source of a document. */
export function aText(content: string, contentType: TextType = 'text/markdown'): DocumentSource {
  return { kind: 'text', contentType, content };
}
