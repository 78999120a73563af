/** How a client calls itself whose leaving the API is to be told of. */
export const CLIENT_HEADER = 'x-local-client';

/**
 * The request as Cloudflare would hand it over: its signal is aborted when the client leaves. The local runtime learns of
 * that by writing to it, which is after a response has begun; so the local cloud is asked, where clients that leave say so.
 */
export function withDeparture(
  request: Request,
  cloudUrl: string,
  waitUntil: (promise: Promise<unknown>) => void,
): Request {
  const client = request.headers.get(CLIENT_HEADER);
  if (client === null) return request;
  const leaving = new AbortController();
  const listening = fetch(new URL(`/control/departures?${new URLSearchParams({ client })}`, cloudUrl));
  waitUntil(listening.then(() => leaving.abort()));
  return new Request(request, { signal: leaving.signal });
}
