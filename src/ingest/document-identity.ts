import { sha256Hex } from '../sha256.ts';
import type { DocumentSource } from './document-source.ts';
import { UNREAD_TYPE } from './media-types.ts';
import type { Description } from './read-front-matter.ts';

export interface DocumentInput extends Description {
  namespace: string;
  documentId: string;
  source: DocumentSource;
}

export interface DocumentIdentity {
  /** Of the content alone: equal in documents that say the same. Of an address until it is read: of the address. */
  contentHash: string;
  /** Of everything the owner gave: equal, and there is nothing to do unless passages are made otherwise by now. */
  identityHash: string;
}

export async function identify({ source, title, url, metadata }: DocumentInput): Promise<DocumentIdentity> {
  return identityOf(await contentHashOf(source), { contentType: contentTypeOf(source), title, url, metadata });
}

/** Of content known by its hash. */
export async function identityOf(
  contentHash: string,
  { contentType, title, url, metadata }: Description & { contentType: string },
): Promise<DocumentIdentity> {
  const entries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const described = [contentHash, contentType, title, url, entries];
  return { contentHash, identityHash: await sha256Hex(JSON.stringify(described)) };
}

export function contentTypeOf(source: DocumentSource): string {
  return source.kind === 'url' ? UNREAD_TYPE : source.contentType;
}

export function contentHashOf(source: DocumentSource): Promise<string> {
  switch (source.kind) {
    case 'text':
      return sha256Hex(source.content);
    case 'file':
      return sha256Hex(source.bytes);
    case 'url':
      return sha256Hex(`url ${source.sourceUrl}`);
  }
}

/** What its original takes in R2; of an address nothing is there until it is read. */
export function bytesOf(source: DocumentSource): number {
  switch (source.kind) {
    case 'text':
      return new TextEncoder().encode(source.content).length;
    case 'file':
      return source.bytes.byteLength;
    case 'url':
      return 0;
  }
}
