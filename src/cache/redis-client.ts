import { Redis } from '@upstash/redis/cloudflare';

/**
 * A client for one call. A signal belongs to a client, so each call has its own (it holds no connection). As a function:
 * with a plain signal an aborted read comes back as null, which is a miss. Values are our own ASCII, so they are neither
 * deserialised nor sent as base64. `retry: false` would still send twice.
 */
export function redisClientFor({ url, token }: { url: string; token: string }, signal: AbortSignal): Redis {
  return new Redis({
    url,
    token,
    signal: () => signal,
    retry: { retries: 0 },
    enableAutoPipelining: false,
    automaticDeserialization: false,
    responseEncoding: false,
    readYourWrites: false,
    enableTelemetry: false,
  });
}
