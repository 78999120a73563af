import type { Metadata } from '../retrieval/passage.ts';

export interface DocumentInput {
  namespace: string;
  documentId: string;
  content: string;
  contentType: 'text/markdown' | 'text/plain';
  title: string | null;
  url: string | null;
  metadata: Metadata;
}

export interface DocumentIdentity {
  /** Of the content alone: equal in documents that say the same. */
  contentHash: string;
  /** Of everything the owner gave: equal, and there is nothing to do unless passages are made otherwise by now. */
  identityHash: string;
}

export async function identify(input: DocumentInput): Promise<DocumentIdentity> {
  return identityOf(await sha256Hex(input.content), input);
}

/** Of content known by its hash. */
export async function identityOf(
  contentHash: string,
  { contentType, title, url, metadata }: Pick<DocumentInput, 'contentType' | 'title' | 'url' | 'metadata'>,
): Promise<DocumentIdentity> {
  const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return { contentHash, identityHash: await sha256Hex(JSON.stringify([contentHash, contentType, title, url, sorted])) };
}

export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
