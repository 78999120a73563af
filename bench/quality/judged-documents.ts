import { readFileSync } from 'node:fs';
import type { ApiClient, NewDocument } from '../../scripts/api-client.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { findDocuments } from '../../scripts/ingest/find-documents.ts';
import { describeSummary, ingestDocuments } from '../../scripts/ingest/ingest-documents.ts';
import type { Output } from '../../scripts/output.ts';
import type { BeirDataset } from './beir-dataset.ts';

const INGEST_TIMEOUT_MS = 60 * 60_000;
const MAX_TITLE_CHARACTERS = 300;

export interface JudgedDocument {
  id: string;
  read(): NewDocument;
}

/** The documents that were judged: those of the dataset, or the files of a folder under their paths in it. */
export function judgedDocuments(dataset: BeirDataset, folder: string | null): JudgedDocument[] {
  const documents = folder === null ? fromDataset(dataset) : fromFolder(folder);
  const ids = new Set(documents.map(({ id }) => id));
  const absent = new Set(dataset.queries.flatMap(({ grades }) => [...grades.keys()]).filter((id) => !ids.has(id)));
  if (absent.size > documents.length) throw new CommandFailure(`${folder ?? dataset.name} is not what was judged`);
  return documents;
}

/** Puts them into the namespace and waits until they are searchable. What is there already costs nothing. */
export async function putDocuments(
  client: ApiClient,
  namespace: string,
  documents: JudgedDocument[],
  output: Output,
): Promise<void> {
  const summary = await ingestDocuments({ client, namespace, documents, output, timeoutMs: INGEST_TIMEOUT_MS });
  output.line(`Corpus in ${namespace}: ${describeSummary(summary)}`);
  if (summary.failed.length > 0) throw new CommandFailure('The corpus is incomplete: nothing was measured.');
}

function fromFolder(folder: string): JudgedDocument[] {
  const found = findDocuments([folder]);
  if (!found.ok) throw new CommandFailure(found.error);
  return found.value.documents.map(({ id, path, contentType }) => ({
    id,
    read: () => ({ id, contentType, body: readFileSync(path) }),
  }));
}

function fromDataset({ name, documents }: BeirDataset): JudgedDocument[] {
  if (documents === null) throw new CommandFailure(`${name} has no corpus.jsonl: name the folder with --corpus DIR`);
  // A document of nothing but a title is found by it; one without any word cannot be found and is refused.
  const readable = documents.filter(({ title, text }) => `${title}${text}`.trim() !== '');
  return readable.map(({ _id: id, title, text }) => ({
    id,
    read: () => ({
      id,
      contentType: 'text/plain; charset=utf-8',
      body: text.trim() === '' ? title : text,
      ...(title.trim() === '' ? {} : { title: title.trim().slice(0, MAX_TITLE_CHARACTERS) }),
    }),
  }));
}
