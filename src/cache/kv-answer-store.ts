import type { CallUpstream } from '../resilience/call-upstream.ts';
import { type Classified, classifyCommon, messageOf } from '../resilience/classify-common.ts';
import type { AnswerStore } from './answer-store.ts';

export const KV = 'kv';
// A key that is written too often refuses writes, which says nothing of reads.
const WRITES = `${KV}:writes`;
export const KV_CIRCUITS = [KV, WRITES] as const;

export interface KvAnswerStoreOptions {
  kv: Pick<KVNamespace, 'put'> & { get(key: string, type: 'text'): Promise<string | null> };
  callUpstream: CallUpstream;
  readTimeoutMs: number;
  writeTimeoutMs: number;
}

/** Workers KV: every location's, a minute or more behind writes made elsewhere. */
export function createKvAnswerStore({
  kv,
  callUpstream,
  readTimeoutMs,
  writeTimeoutMs,
}: KvAnswerStoreOptions): AnswerStore {
  const common = { dependency: KV, classify: classifyKvError };
  return {
    name: KV,
    get(key, deadline) {
      return callUpstream({ ...common, operation: 'get', deadline, timeoutMs: readTimeoutMs }, () =>
        kv.get(key, 'text'),
      );
    },
    put(key, value, ttlSeconds, deadline) {
      return callUpstream({ ...common, circuit: WRITES, operation: 'put', deadline, timeoutMs: writeTimeoutMs }, () =>
        kv.put(key, value, { expirationTtl: ttlSeconds }),
      );
    },
  };
}

// `KV GET failed: 429 Too Many Requests`: https://developers.cloudflare.com/kv/platform/limits/ (one write a second a key).
function classifyKvError(error: unknown): Classified {
  const common = classifyCommon(error);
  if (common !== null) return common;
  const message = messageOf(error);
  const status = /failed: (\d{3})\b/.exec(message)?.[1] ?? 'KV_ERROR';
  return { class: status === '429' ? 'rate-limited' : 'transient', code: status, message };
}
