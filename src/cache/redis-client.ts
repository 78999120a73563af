import { Redis } from '@upstash/redis/cloudflare';

/**
 * A client for one call. A signal belongs to a client, so each call has its own (it holds no connection). As a function:
 * with a plain signal an aborted call is answered by the client itself; `callUpstream` has given it up by then, but only a
 * failure is right whoever calls. Values are our own ASCII, so they are neither deserialised nor sent as base64.
 * `retry: false` would still send twice. What waits to be sent with others would be sent with none: nobody else has this
 * client, nor the token by which a client reads its own writes.
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
