import type { Clock } from '../../clock.ts';
import type { CallUpstream } from '../../resilience/call-upstream.ts';
import type { Deadline } from '../../resilience/deadline.ts';
import type { UpstreamError } from '../../resilience/upstream-error.ts';
import type { Result } from '../../result.ts';
import { essenceOf, type MediaType, mediaTypeNamed, mediaTypes } from '../media-types.ts';
import { readAtMost } from './read-at-most.ts';
import { checkSourceAddress, type SourcePolicy } from './source-address.ts';
import { classifySourceError, failureOfStatus, SourceFailure } from './source-failure.ts';

export interface FetchedSource {
  bytes: Uint8Array;
  mediaType: MediaType;
  /** The whole header: it may name the charset. */
  contentType: string;
  /** Where the document was in the end, after redirects. */
  url: string;
}

/** Reads documents from addresses that their owners gave. */
export interface SourceFetcher {
  /**
   * Permanent failures: `SOURCE_FORBIDDEN`, `SOURCE_NOT_FOUND`, `SOURCE_TOO_LARGE`, `SOURCE_TYPE`, `SOURCE_REDIRECTS`.
   * `SOURCE_BUSY` is rate-limited, all else transient.
   */
  fetch(address: string, deadline: Deadline): Promise<Result<FetchedSource, UpstreamError>>;
}

export interface SourceFetcherOptions {
  callUpstream: CallUpstream;
  clock: Clock;
  policy: SourcePolicy;
  /** For all of it: redirects and body. */
  timeoutMs: number;
  maxBytes: number;
}

/** The addresses of owners, as a dependency that an operator can isolate. */
export const SOURCES = 'sources';

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const HEADERS = {
  accept: [...mediaTypes, '*/*;q=0.1'].join(', '),
  'user-agent': 'Vigil (document ingestion)',
};
// Cloudflare's cache, which a Worker's requests pass, keeps files as PDFs without being asked to
// (https://developers.cloudflare.com/cache/concepts/default-cache-behavior/). What changed would be read as it was, were it
// not for `no-store` (https://developers.cloudflare.com/changelog/2024-11-11-cache-no-store).
const REQUEST = { redirect: 'manual', cache: 'no-store', headers: HEADERS } as const;
// One broken site must not keep the others from being read, and breakers must not grow with the sites there are.
const CIRCUITS = 64;

export function createSourceFetcher(options: SourceFetcherOptions): SourceFetcher {
  const { callUpstream, timeoutMs } = options;
  return {
    fetch(address, deadline) {
      const call = {
        dependency: SOURCES,
        circuit: circuitOf(address),
        operation: 'fetch',
        idempotent: true,
        deadline,
        timeoutMs,
        classify: classifySourceError,
      };
      return callUpstream(call, async (signal) => {
        let url = allowed(address, options.policy);
        for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
          const response = await fetch(url, { ...REQUEST, signal });
          if (!REDIRECTS.includes(response.status)) return readDocument(response, url, options);
          url = await nextAddress(response, url, options.policy);
        }
        throw new SourceFailure(
          'permanent',
          'SOURCE_REDIRECTS',
          `The address redirects more than ${MAX_REDIRECTS} times.`,
        );
      });
    },
  };
}

function allowed(address: string, policy: SourcePolicy): URL {
  const checked = checkSourceAddress(address, policy);
  if (checked.ok) return checked.value;
  throw new SourceFailure('permanent', 'SOURCE_FORBIDDEN', checked.error);
}

async function nextAddress(response: Response, from: URL, policy: SourcePolicy): Promise<URL> {
  await response.body?.cancel();
  const location = response.headers.get('location');
  if (location === null || !URL.canParse(location, from.href)) {
    throw new SourceFailure('permanent', 'SOURCE_REDIRECTS', 'The address redirects to nowhere.');
  }
  return allowed(new URL(location, from).href, policy);
}

async function readDocument(
  response: Response,
  url: URL,
  { clock, maxBytes }: SourceFetcherOptions,
): Promise<FetchedSource> {
  try {
    if (response.status !== 200) {
      throw failureOfStatus(response.status, response.headers.get('retry-after'), clock.nowMs());
    }
    const contentType = response.headers.get('content-type') ?? '';
    const mediaType = mediaTypeNamed(essenceOf(contentType));
    if (mediaType === null) {
      const given = JSON.stringify(essenceOf(contentType).slice(0, 100));
      throw new SourceFailure('permanent', 'SOURCE_TYPE', `The address answers with the content type ${given}.`);
    }
    const bytes = await readAtMost(response, maxBytes);
    if (bytes === null) {
      const message = `The address answers with more than ${maxBytes} bytes (MAX_SOURCE_BYTES).`;
      throw new SourceFailure('permanent', 'SOURCE_TOO_LARGE', message);
    }
    return { bytes, mediaType, contentType, url: url.href };
  } catch (error) {
    // An unread body keeps one of the few connections there are.
    if (response.body !== null && !response.body.locked) await response.body.cancel();
    throw error;
  }
}

function circuitOf(address: string): string {
  const host = URL.canParse(address) ? new URL(address).host : '';
  const hash = Array.from(host).reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003, 7);
  return `${SOURCES}:${hash % CIRCUITS}`;
}
