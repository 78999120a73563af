import { type Classified, classifyCommon, messageOf } from '../resilience/classify-common.ts';

// Codes as seen in the field; Cloudflare documents none. Everything not listed is about the input.
const CONFIGURATION_CODES = new Set([
  // The dimensions of a query's vector, and of a written one, are not the index's: another model, or another index.
  40006, 40012,
]);
const RATE_LIMIT_CODES = new Set([40041]);

/** The binding throws a plain `Error` whose message alone says what happened: `VECTOR_QUERY_ERROR (code = 40025): …`. */
export function classifyVectorizeError(error: unknown): Classified {
  const common = classifyCommon(error);
  if (common !== null) return common;
  const message = messageOf(error);
  // The runtime quotes a body it cannot read.
  if (/^Failed to parse body as JSON/i.test(message)) {
    return { class: 'transient', code: 'BAD_ANSWER', message: 'the answer is not JSON' };
  }
  const code = /_ERROR \(code = (\d+)\)/.exec(message)?.[1];
  if (code !== undefined) return { class: classOfCode(Number(code)), code, message };
  const status = /_ERROR:? ?Status \+ (\d{3})/.exec(message)?.[1];
  if (status !== undefined) return { class: classOfStatus(Number(status)), code: status, message };
  return { class: 'transient', code: 'NETWORK', message };
}

function classOfCode(code: number): Classified['class'] {
  if (RATE_LIMIT_CODES.has(code)) return 'rate-limited';
  if (CONFIGURATION_CODES.has(code)) return 'configuration';
  return code >= 40_000 && code < 50_000 ? 'permanent' : 'transient';
}

function classOfStatus(status: number): Classified['class'] {
  if (status === 429) return 'rate-limited';
  if (status === 401 || status === 403 || status === 404) return 'configuration';
  return status >= 500 || status === 408 ? 'transient' : 'permanent';
}
