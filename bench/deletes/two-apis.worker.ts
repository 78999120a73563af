const SECOND = '/second/';

/** Two isolates of the API at one port: the second one has the address `/second`, the first all the others. */
export default {
  fetch(request, env) {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(SECOND)) return env.FIRST.fetch(request);
    url.pathname = url.pathname.slice(SECOND.length - 1);
    return env.SECOND.fetch(new Request(url, request));
  },
} satisfies ExportedHandler<{ FIRST: Fetcher; SECOND: Fetcher }>;
