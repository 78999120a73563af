import { fail, type Result } from '../../src/result.ts';

/** A request the service refuses; the body repeats the HTTP status, as Upstash does. */
export interface ApiFailure {
  status: 400 | 401 | 404 | 405 | 422;
  error: string;
}

export type ApiResult<T> = Result<T, ApiFailure>;

export function refuse(status: ApiFailure['status'], error: string): { ok: false; error: ApiFailure } {
  return fail({ status, error });
}
