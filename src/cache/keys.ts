import type { EmbeddingModel } from '../models/embedder.ts';

// Moves when the meaning of any key or value changes: everything cached before is then never read again.
const SCHEMA = 'vigil:1';

/** Vectors of identical text by the same model: 24 h, shared by every namespace, as a vector reveals no owner. */
export async function embeddingKey(model: EmbeddingModel, text: string): Promise<string> {
  return `${SCHEMA}:embedding:${model.name}:${model.dimensions}:${model.pooling}:${await sha256Hex(text)}`;
}

/** Operators' orders, beside the caches: a copy of the catalog's that can be read when the catalog cannot. */
export function operatorFlagsKey(): string {
  return `${SCHEMA}:operator-flags`;
}

/** The namespace's state: a copy of the catalog's for 10 s, renewed by whoever changes the namespace. */
export function namespaceStateKey(namespace: string): string {
  return `${SCHEMA}:namespace-state:${namespace}`;
}

async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
