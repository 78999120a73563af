import { LEXICAL } from '../retrieval/lexical/lexical-index.ts';
import { endWith, type IngestJob } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';

/** A document is served from words and at least one vector store; with less it is not worth going on now. */
export function endIfUnwritable({ stores }: Pick<IngestServices, 'stores'>, job: IngestJob): void {
  const lexicalError = job.storeErrors.get(LEXICAL);
  if (lexicalError !== undefined) endWith(job, lexicalError);
  if (stores.some((store) => !job.storeErrors.has(store.name))) return;
  // The kindest failure decides: a store that was merely down makes another attempt worth while.
  const errors = [...job.storeErrors.values()];
  const error = errors.find(({ class: kind }) => kind !== 'permanent') ?? errors[0];
  if (error !== undefined) endWith(job, error);
}
