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
  const contentHash = await sha256Hex(input.content);
  const metadata = Object.entries(input.metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const described = [contentHash, input.contentType, input.title, input.url, metadata];
  return { contentHash, identityHash: await sha256Hex(JSON.stringify(described)) };
}

export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
