import { matchKept, prepare } from './kept-bytes.ts';

/** The least an answer out of the cache can take: one match. */
export default {
  fetch: (request) => (request.method === 'POST' ? matchKept() : prepare(request)),
} satisfies ExportedHandler;
