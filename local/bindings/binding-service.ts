import type { BindingServiceName, Call } from '../faults/fault.ts';
import type { LocalRequest, LocalResponse, LocalService } from '../http-service.ts';

// /bindings/d1/lexical/batch
const PATH = /^\/bindings\/[^/]+\/(?<instance>[\w-]+)\/(?<operation>[\w-]+)$/;

// https://developers.cloudflare.com/d1/observability/debug-d1/
const D1_ERRORS = {
  error: 'Internal error in D1 storage caused object to be reset.',
  'rate-limited': 'D1 DB is overloaded. Requests queued for too long.',
};
const STATUSES = { error: 500, 'rate-limited': 429 };

/** Whether a call on a binding may go on: asked by the bindings of `faulty-env.ts` before they do the real thing. */
export function createBindingService(service: BindingServiceName): LocalService {
  return {
    callOf: (request) => ({ service, ...partsOf(request) }),
    respond: async () => json(200, { success: true }),
    // KV's binding reads the status alone.
    fail: (failure) => json(STATUSES[failure], { success: false, error: D1_ERRORS[failure] }),
  };
}

function partsOf({ path }: LocalRequest): Pick<Call, 'instance' | 'operation'> {
  const { instance = 'unknown', operation = 'unknown' } = PATH.exec(path)?.groups ?? {};
  return { instance, operation };
}

function json(status: number, value: unknown): LocalResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
