import type { CallUpstream } from '../resilience/call-upstream.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';
import { classifyR2Error, DOCUMENTS } from './document-objects.ts';

// A page's unknown objects are looked at one by one: far fewer than the calls an invocation may make.
const LIST_PAGE = 100;

export interface ListedObject {
  key: string;
  uploadedAtMs: number;
}

/** What is in R2, to compare it with what should be. */
export interface ObjectListing {
  exists(key: string, deadline: Deadline): Promise<Result<boolean, UpstreamError>>;
  /** A page of the objects of one namespace, or of all, from the cursor `null` on. */
  list(
    namespace: string | null,
    cursor: string | null,
    deadline: Deadline,
  ): Promise<Result<{ objects: ListedObject[]; nextCursor: string | null }, UpstreamError>>;
}

export interface ObjectListingOptions {
  bucket: R2Bucket;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

export function createObjectListing({ bucket, callUpstream, timeoutMs }: ObjectListingOptions): ObjectListing {
  const common = { dependency: DOCUMENTS, timeoutMs, idempotent: true, classify: classifyR2Error };
  return {
    async exists(key, deadline) {
      return callUpstream({ ...common, operation: 'head', deadline }, async () => {
        const object = await bucket.head(key);
        return object !== null;
      });
    },

    async list(namespace, cursor, deadline) {
      const prefix = namespace === null ? 'v1/' : `v1/${namespace}/`;
      return callUpstream({ ...common, operation: 'list', deadline }, async () => {
        const page = await bucket.list({ prefix, limit: LIST_PAGE, ...(cursor !== null && { cursor }) });
        const objects = page.objects.map(({ key, uploaded }) => ({ key, uploadedAtMs: uploaded.getTime() }));
        return { objects, nextCursor: page.truncated ? page.cursor : null };
      });
    },
  };
}
