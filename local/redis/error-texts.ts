/** Redis's own wording. Upstash's REST page also shows «value is not an int or out of range»; its blog shows this one. */
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const NOT_A_FLOAT = 'ERR value is not a valid float';
export const SYNTAX_ERROR = 'ERR syntax error';
export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
export const NO_SUCH_KEY = 'ERR no such key';
export const WOULD_OVERFLOW = 'ERR increment or decrement would overflow';

/** https://upstash.com/docs/redis/troubleshooting/http_unauthorized */
export const WRONG_TOKEN = 'WRONGPASS invalid or missing auth token';

const DOCS = 'https://upstash.com/docs/redis';

export function wrongArity(command: string): string {
  return `ERR wrong number of arguments for '${command}' command`;
}

export function invalidExpiry(command: string): string {
  return `ERR invalid expire time in '${command}' command`;
}

/** Upstash's wording as users report it for SLOWLOG and ROLE; stock Redis says «unknown command». */
export function unavailableCommand(command: string): string {
  return `ERR Command is not available: '${command.toUpperCase()}'. See ${DOCS}/overall/rediscompatibility for details`;
}

/**
 * Documented as «ERR max … size exceeded. Limit: X bytes, Actual: Z bytes»; the link at the end is how users report the
 * request limit, and inferred for the others.
 */
export function sizeExceeded(
  what: 'request' | 'key' | 'member' | 'single record',
  limitBytes: number,
  actualBytes: number,
): string {
  const page = what === 'single record' ? 'max_record_size_exceeded' : `max_${what}_size_exceeded`;
  return `ERR max ${what} size exceeded. Limit: ${limitBytes} bytes, Actual: ${actualBytes} bytes. See ${DOCS}/troubleshooting/${page} for details`;
}

export function requestQuotaExceeded(limit: number): string {
  return `ERR max requests limit exceeded. Limit: ${limit}, Usage: ${limit}. See ${DOCS}/troubleshooting/max_requests_limit for details`;
}
