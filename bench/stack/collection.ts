import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Connection, createApiClient } from '../../scripts/api-client.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { findDocuments } from '../../scripts/ingest/find-documents.ts';
import { describeSummary, ingestDocuments } from '../../scripts/ingest/ingest-documents.ts';
import type { Output } from '../../scripts/output.ts';

/** One document of a collection to measure with. */
export interface Document {
  id: string;
  contentType: string;
  body: Buffer<ArrayBuffer>;
}

const INGEST_TIMEOUT_MS = 30 * 60_000;

export function readDocuments(dir: string): Document[] {
  const found = findDocuments([dir]);
  if (!found.ok) throw new CommandFailure(found.error);
  return found.value.documents.map(({ id, path, contentType }) => ({ id, contentType, body: readFileSync(path) }));
}

/** Of these very documents: what another collection left in the state folder is not found in it. */
export function namespaceFor(prefix: string, documents: Document[]): string {
  const hash = createHash('sha256');
  for (const { id, body } of documents) hash.update(`${id}\0${body.length}\0`).update(body);
  return `${prefix}-${hash.digest('hex').slice(0, 12)}`;
}

export async function putDocuments(
  stack: Connection,
  namespace: string,
  documents: Document[],
  { output, signal }: { output: Output; signal: AbortSignal },
): Promise<void> {
  const client = createApiClient(stack, signal);
  const sent = documents.map((document) => ({ id: document.id, read: () => document }));
  const summary = await ingestDocuments({ client, namespace, documents: sent, output, timeoutMs: INGEST_TIMEOUT_MS });
  output.line(`Documents in ${namespace}: ${describeSummary(summary)}`);
  if (summary.failed.length > 0) throw new CommandFailure('The documents are incomplete: nothing was measured.');
}
