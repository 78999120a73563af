import type { CallUpstream } from '../resilience/call-upstream.ts';
import { classifyCommon, messageOf } from '../resilience/classify-common.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { ClassifyError, UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';

/** The originals of documents, one object a version, never overwritten. */
export interface DocumentObjects {
  put(
    object: { key: string; namespace: string; documentId: string; content: string; contentType: string },
    deadline: Deadline,
  ): Promise<Result<void, UpstreamError>>;
  /** `null` when there is no such object. */
  read(key: string, deadline: Deadline): Promise<Result<string | null, UpstreamError>>;
  /** Those of the keys that there is an object of. */
  existing(keys: string[], deadline: Deadline): Promise<Result<string[], UpstreamError>>;
  /** Deleting an unknown key is no error. */
  remove(keys: string[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

/** R2 under this name in events, counters and reports. */
export const DOCUMENTS = 'documents';

// https://developers.cloudflare.com/r2/api/workers/workers-api-reference/#r2bucket
const MAX_KEYS_PER_DELETE = 1_000;

// https://developers.cloudflare.com/r2/api/error-codes/: the binding's messages end in the code.
const RATE_LIMITED = /\((10058)\)/;
const CONFIGURATION = /\((10006|10002|10003)\)/;

export const classifyR2Error: ClassifyError = (error) => {
  const common = classifyCommon(error);
  if (common !== null) return common;
  const message = messageOf(error);
  const rateLimited = RATE_LIMITED.exec(message)?.[1];
  if (rateLimited !== undefined) return { class: 'rate-limited', code: rateLimited, message };
  const configuration = CONFIGURATION.exec(message)?.[1];
  if (configuration !== undefined) return { class: 'configuration', code: configuration, message };
  return { class: 'transient', code: 'R2_ERROR', message };
};

export interface DocumentObjectsOptions {
  bucket: R2Bucket;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

export function createDocumentObjects({ bucket, callUpstream, timeoutMs }: DocumentObjectsOptions): DocumentObjects {
  const common = { dependency: DOCUMENTS, timeoutMs, idempotent: true, classify: classifyR2Error };
  return {
    async put({ key, namespace, documentId, content, contentType }, deadline) {
      // Whose it is, should the catalog ever be lost. Metadata travels in headers, so ids are escaped.
      const customMetadata = { namespace, documentId: encodeURIComponent(documentId) };
      const put = await callUpstream({ ...common, operation: 'put', deadline }, () =>
        bucket.put(key, content, { httpMetadata: { contentType: `${contentType}; charset=utf-8` }, customMetadata }),
      );
      return put.ok ? succeed(undefined) : put;
    },

    async read(key, deadline) {
      return callUpstream({ ...common, operation: 'get', deadline }, async () => {
        const object = await bucket.get(key);
        return object === null ? null : await object.text();
      });
    },

    async existing(keys, deadline) {
      const existing: string[] = [];
      for (const key of keys) {
        const head = await callUpstream({ ...common, operation: 'head', deadline }, () => bucket.head(key));
        if (!head.ok) return head;
        if (head.value !== null) existing.push(key);
      }
      return succeed(existing);
    },

    async remove(keys, deadline) {
      for (let at = 0; at < keys.length; at += MAX_KEYS_PER_DELETE) {
        const slice = keys.slice(at, at + MAX_KEYS_PER_DELETE);
        const removed = await callUpstream({ ...common, operation: 'delete', deadline }, () => bucket.delete(slice));
        if (!removed.ok) return removed;
      }
      return succeed(undefined);
    },
  };
}
