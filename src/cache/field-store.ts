import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Result } from '../result.ts';

export interface Field {
  name: string;
  /** ASCII text: the owner of the key encodes it. */
  value: string;
}

/** Many small values below one key, which expire together. */
export interface FieldStore {
  /** One command whatever the number of fields; `null` is a field that is not there. */
  getFields(key: string, names: string[], deadline: Deadline): Promise<Result<(string | null)[], UpstreamError>>;
  /** With `ttlSeconds` the time of the whole key begins anew. */
  setFields(
    key: string,
    fields: Field[],
    ttlSeconds: number | null,
    deadline: Deadline,
  ): Promise<Result<void, UpstreamError>>;
}
