import type { EmbeddingModel } from '../models/embedder.ts';
import type { MetadataFilter } from '../retrieval/filters/metadata-filter.ts';
import { sha256Hex } from '../sha256.ts';

// Moves when the meaning of any key or value changes: everything cached before is then never read again.
const SCHEMA = 'vigil:1';

/** Vectors of identical text by the same model: 24 h, shared by every namespace, as a vector reveals no owner. */
export async function embeddingKey(model: EmbeddingModel, text: string): Promise<string> {
  return `${SCHEMA}:embedding:${model.name}:${model.dimensions}:${model.pooling}:${await sha256Hex(text)}`;
}

/** Everything that can change an answer, but for the documents themselves: entries say which those were. */
export interface AnswerKeyParts {
  namespace: string;
  /** Normalised. */
  question: string;
  topK: number;
  maxPerDocument: number | null;
  filter: MetadataFilter | null;
  retrieval: string;
  generation: string;
  /** Models and versions of whatever makes answers here. */
  madeBy: readonly (string | number | null)[];
}

/** Whole answers: 26 h, in KV and each location's cache. Case does not matter to who asks the same again. */
export async function answerKey(parts: AnswerKeyParts): Promise<string> {
  const { namespace, question, topK, maxPerDocument, filter, retrieval, generation, madeBy } = parts;
  const asked = [namespace, question.toLowerCase(), topK, maxPerDocument, filter, retrieval, generation, madeBy];
  return `${SCHEMA}:answer:${await sha256Hex(JSON.stringify(asked))}`;
}

/** Searches whose results may be shared by similar questions: everything but the question is equal. */
export interface SimilarGroup {
  namespace: string;
  topK: number;
  extra: number;
  maxPerDocument: number | null;
  filter: MetadataFilter | null;
  retrieval: string;
  /** Models and versions of whatever searches here. */
  searchedBy: readonly (string | number | null)[];
}

/** Everything that can change what a search finds, but for the documents themselves. */
export interface SearchKeyParts extends SimilarGroup {
  /** Normalised; its case matters to the model that embeds it. */
  question: string;
}

/** Search results: 15 minutes, and an hour for when nothing can be searched, in Redis. */
export async function searchKey(parts: SearchKeyParts): Promise<string> {
  const { namespace, question, topK, extra, maxPerDocument, filter, retrieval, searchedBy } = parts;
  const asked = [namespace, question, topK, extra, maxPerDocument, filter, retrieval, searchedBy];
  return `${SCHEMA}:search:${await sha256Hex(JSON.stringify(asked))}`;
}

/** Which searches were asked within one hour, by bands over their vectors: a hash of 75 minutes in Redis. */
export async function similarGroupKey(group: SimilarGroup, hour: number): Promise<string> {
  const { namespace, topK, extra, maxPerDocument, filter, retrieval, searchedBy } = group;
  const asked = [namespace, topK, extra, maxPerDocument, filter, retrieval, searchedBy];
  return `${SCHEMA}:similar:${await sha256Hex(JSON.stringify(asked))}:${hour}`;
}

/** Everything that can change how the last question of a conversation is rewritten. */
export interface RewritingKeyParts {
  namespace: string;
  turns: readonly (readonly [role: string, content: string])[];
  /** Normalised; its case matters to the model that rewrites it. */
  question: string;
  /** Models and versions of whatever rewrites here. */
  madeBy: readonly (string | number)[];
}

/** Questions that stand alone, made from conversations: 1 h, in Redis. */
export async function rewritingKey({ namespace, turns, question, madeBy }: RewritingKeyParts): Promise<string> {
  return `${SCHEMA}:rewriting:${await sha256Hex(JSON.stringify([namespace, turns, question, madeBy]))}`;
}

/** Operators' orders, beside the caches: a copy of the catalog's that can be read when the catalog cannot. */
export function operatorFlagsKey(): string {
  return `${SCHEMA}:operator-flags`;
}

/** Generations of rate-budgeted models that began in this slot of 10 s: 80 s, in Redis. */
export function generationsKey(slot: number): string {
  return `${SCHEMA}:generations:${slot}`;
}

/** The namespace's state: a copy of the catalog's for 10 s, renewed by whoever changes the namespace. */
export function namespaceStateKey(namespace: string): string {
  return `${SCHEMA}:namespace-state:${namespace}`;
}

/** What the namespace's state was last known to be: 26 h, for when the catalog cannot be asked. */
export function lastNamespaceStateKey(namespace: string): string {
  return `${SCHEMA}:last-namespace-state:${namespace}`;
}
