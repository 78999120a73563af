import type { DocumentRecord } from '../catalog/document-record.ts';
import type { ContentType } from './chunk-document.ts';
import { textKeyOf } from './document-objects.ts';

/** Whether a version's text has to be made of something else first, rather than being what its owner gave. */
export function isConverted({ contentType, sourceUrl }: Pick<DocumentRecord, 'contentType' | 'sourceUrl'>): boolean {
  return sourceUrl !== null || !(contentType === 'text/markdown' || contentType === 'text/plain');
}

/** Where the text is that a version's chunks are cut from, and how it is written. */
export function textOf(record: Pick<DocumentRecord, 'objectKey' | 'contentType' | 'sourceUrl'>): {
  key: string;
  contentType: ContentType;
} {
  return {
    key: isConverted(record) ? textKeyOf(record.objectKey) : record.objectKey,
    contentType: record.contentType === 'text/plain' ? 'text/plain' : 'text/markdown',
  };
}
