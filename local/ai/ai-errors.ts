import type { LocalResponse } from '../http-service.ts';

/** Source of codes and statuses: https://developers.cloudflare.com/workers-ai/platform/errors/ */
const STATUS_OF_CODE = {
  3003: 400,
  3006: 413,
  3007: 408,
  3008: 408,
  3023: 403,
  3036: 429,
  3039: 400,
  3040: 429,
  3041: 403,
  3042: 404,
  3043: 500,
  5004: 400,
  5005: 405,
  5006: 400,
  5007: 400,
  5016: 403,
  5018: 403,
  5019: 405,
  5021: 413,
  5035: 403,
  7000: 404,
} as const;

export type AiErrorCode = keyof typeof STATUS_OF_CODE;

export interface AiFailure {
  code: AiErrorCode;
  description: string;
}

export const CAPACITY_EXCEEDED: AiFailure = {
  code: 3040,
  description: 'Capacity temporarily exceeded, please try again.',
};
export const ALLOCATION_USED_UP: AiFailure = {
  code: 3036,
  description:
    "you have used up your daily free allocation of 10,000 neurons, please upgrade to Cloudflare's Workers Paid plan if you would like to continue usage.",
};
export const INTERNAL_ERROR: AiFailure = { code: 3043, description: 'Internal server error' };
export const ABORTED: AiFailure = { code: 3008, description: 'Request aborted' };
export const REQUEST_TOO_LARGE: AiFailure = { code: 3006, description: 'Request is too large' };
export const INCOMPLETE_REQUEST: AiFailure = { code: 3003, description: 'Request is missing headers or body' };
export const INVALID_BASE64: AiFailure = { code: 5004, description: 'Invalid data type for base64 input' };
export const NO_SUCH_ROUTE: AiFailure = { code: 7000, description: 'No route for that URI' };

export function noSuchModel(model: string): AiFailure {
  return { code: 5007, description: `No such model ${model} or task` };
}

/** The HTTP form from which the local Worker makes the error that `env.AI.run` throws. */
export function errorResponse({ code, description }: AiFailure): LocalResponse {
  const error = { name: 'InferenceUpstreamError', code, message: `${code}: ${description}` };
  return {
    status: STATUS_OF_CODE[code],
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error }),
  };
}
