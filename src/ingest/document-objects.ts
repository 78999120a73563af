import type { CallUpstream } from '../resilience/call-upstream.ts';
import { classifyCommon, messageOf } from '../resilience/classify-common.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { ClassifyError, UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';

/**
 * The originals of documents, one object a version, never overwritten; beside one that is no text of its own, what was
 * made of it.
 */
export interface StoredObject {
  key: string;
  namespace: string;
  documentId: string;
  content: string | Uint8Array;
  contentType: string;
}

export interface DocumentObjects {
  put(object: StoredObject, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  /** The same, unless the key is taken: then what is there stays. */
  putOnce(object: StoredObject, deadline: Deadline): Promise<Result<void, UpstreamError>>;
  has(key: string, deadline: Deadline): Promise<Result<boolean, UpstreamError>>;
  /** `null` when there is no such object. */
  read(key: string, deadline: Deadline): Promise<Result<string | null, UpstreamError>>;
  /** What is there of the originals and of what was made of them: their keys. */
  existing(keys: string[], deadline: Deadline): Promise<Result<string[], UpstreamError>>;
  /** `null` when there is no such object. */
  readBytes(key: string, deadline: Deadline): Promise<Result<Uint8Array | null, UpstreamError>>;
  /** Deletes originals with what was made of them. An unknown key is no error. */
  remove(keys: string[], deadline: Deadline): Promise<Result<void, UpstreamError>>;
}

/** R2 under this name in events, counters and reports. */
export const DOCUMENTS = 'documents';

// https://developers.cloudflare.com/r2/api/workers/workers-api-reference/#r2bucket
const MAX_KEYS_PER_DELETE = 1_000;
// A Worker has six connections (https://developers.cloudflare.com/workers/platform/limits/).
const HEADS_AT_ONCE = 5;

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

/** Where the text is that was made of an original. */
export function textKeyOf(objectKey: string): string {
  return `${objectKey}/text`;
}

export interface DocumentObjectsOptions {
  bucket: R2Bucket;
  callUpstream: CallUpstream;
  timeoutMs: number;
}

export function createDocumentObjects({ bucket, callUpstream, timeoutMs }: DocumentObjectsOptions): DocumentObjects {
  const common = { dependency: DOCUMENTS, timeoutMs, idempotent: true, classify: classifyR2Error };
  return {
    async put(object, deadline) {
      const put = await callUpstream({ ...common, operation: 'put', deadline }, () =>
        bucket.put(object.key, object.content, describing(object)),
      );
      return put.ok ? succeed(undefined) : put;
    },

    async putOnce(object, deadline) {
      const onlyIf = { etagDoesNotMatch: '*' };
      const put = await callUpstream({ ...common, operation: 'put', deadline }, () =>
        bucket.put(object.key, object.content, { ...describing(object), onlyIf }),
      );
      return put.ok ? succeed(undefined) : put;
    },

    async has(key, deadline) {
      return callUpstream({ ...common, operation: 'head', deadline }, async () => {
        const object = await bucket.head(key);
        return object !== null;
      });
    },

    async read(key, deadline) {
      return callUpstream({ ...common, operation: 'get', deadline }, async () => {
        const object = await bucket.get(key);
        return object === null ? null : await object.text();
      });
    },

    async existing(keys, deadline) {
      const all = keys.flatMap((original) => [original, textKeyOf(original)]);
      const existing: string[] = [];
      for (let at = 0; at < all.length; at += HEADS_AT_ONCE) {
        const heads = all.slice(at, at + HEADS_AT_ONCE).map(async (key) => {
          const head = await callUpstream({ ...common, operation: 'head', deadline }, () => bucket.head(key));
          return head.ok ? succeed(head.value === null ? [] : [key]) : head;
        });
        for (const head of await Promise.all(heads)) {
          if (!head.ok) return head;
          existing.push(...head.value);
        }
      }
      return succeed(existing);
    },

    async readBytes(key, deadline) {
      return callUpstream({ ...common, operation: 'get', deadline }, async () => {
        const object = await bucket.get(key);
        return object === null ? null : new Uint8Array(await object.arrayBuffer());
      });
    },

    async remove(keys, deadline) {
      const all = keys.flatMap((key) => [key, textKeyOf(key)]);
      for (let at = 0; at < all.length; at += MAX_KEYS_PER_DELETE) {
        const slice = all.slice(at, at + MAX_KEYS_PER_DELETE);
        const removed = await callUpstream({ ...common, operation: 'delete', deadline }, () => bucket.delete(slice));
        if (!removed.ok) return removed;
      }
      return succeed(undefined);
    },
  };
}

// Whose it is, should the catalog ever be lost. Metadata travels in headers, so ids are escaped.
function describing({ namespace, documentId, content, contentType }: StoredObject): R2PutOptions {
  const charset = typeof content === 'string' ? '; charset=utf-8' : '';
  return {
    httpMetadata: { contentType: `${contentType}${charset}` },
    customMetadata: { namespace, documentId: encodeURIComponent(documentId) },
  };
}
