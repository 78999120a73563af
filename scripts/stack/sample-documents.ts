import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NewDocument } from '../api-client.ts';
import { PROJECT_ROOT } from '../project.ts';

export const SAMPLE_NAMESPACE = 'vigil-docs';
export const SAMPLE_QUESTION = 'What does Vigil answer when a vector store is down?';

/** The project's own documentation: something real to ask about from the first minute on. */
export function sampleDocuments(): { id: string; read(): NewDocument }[] {
  const docs = join(PROJECT_ROOT, 'docs');
  const files = readdirSync(docs).filter((name) => name.endsWith('.md'));
  return files.sort().map((id) => ({
    id,
    read: () => ({ id, contentType: 'text/markdown; charset=utf-8', body: readFileSync(join(docs, id)) }),
  }));
}
