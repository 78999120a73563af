import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { sha256Hex } from '../sha256.ts';
import type { DocumentInput } from './document-identity.ts';
import type { WriteServices } from './ingest-services.ts';

/** What was given of a document about to be accepted, on its way to R2. */
export interface Original {
  /** Its key there. The first call stores it; of an address there is nothing to store yet. */
  upload(): Promise<Result<string, UpstreamError>>;
  /**
   * Removes what was stored. Not after a failed write to the catalog: that may have happened all the same, and only an
   * object that surely has no row may go.
   */
  discard(): Promise<void>;
}

export function uploadOnce(
  { objects, newId }: Pick<WriteServices, 'objects' | 'newId'>,
  { namespace, documentId, source }: DocumentInput,
  deadline: Deadline,
): Original {
  let storedKey: string | null = null;
  return {
    async upload() {
      if (storedKey !== null) return succeed(storedKey);
      const key = `v1/${namespace}/${await sha256Hex(documentId)}/${newId()}`;
      if (source.kind !== 'url') {
        const { contentType } = source;
        const content = source.kind === 'text' ? source.content : source.bytes;
        const put = await objects.put({ key, namespace, documentId, content, contentType }, deadline);
        if (!put.ok) return put;
      }
      storedKey = key;
      return succeed(key);
    },
    async discard() {
      if (storedKey !== null) await objects.remove([storedKey], deadline);
    },
  };
}
