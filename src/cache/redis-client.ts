import { Redis } from '@upstash/redis/cloudflare';

/**
 * A client for one call: a signal belongs to a client, and a client holds no connection. The signal is a function because
 * with a plain one the client itself answers a call that is aborted, and a read looks like a miss. `callUpstream` has given
 * the call up by then, but a client should be right whoever calls. `retry: false` would still send twice. Values are our
 * own ASCII, so they are neither deserialised nor sent as base64. Nobody else has this client, so there is nothing to send
 * a command together with, and no earlier write of its own to wait for.
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
