import { fail, type Result, succeed } from '../../result.ts';
import { isForbiddenAddress } from './forbidden-address.ts';

/** Which addresses documents may be read from, beside those that are open to everybody. */
export interface SourcePolicy {
  /** Exact origins that are always allowed, whatever they are: for tests and the local stack. */
  testOrigins: readonly string[];
  /** Ports beside the protocol's own. */
  ports: readonly number[];
}

const MAX_LENGTH = 2_000;

// Names that are resolved on the spot, or by nobody (RFC 6761, 6762, 7686, 8375, 9476; ICANN reserved `.internal`).
const LOCAL_SUFFIXES = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'in-addr.arpa',
  'ip6.arpa',
  'test',
  'invalid',
  'onion',
  'alt',
];

/**
 * Whether the ingestion Worker may read an address, by its form alone: asked for what an owner gives, and again for
 * every redirect. The address comes back as it will be asked, without its fragment; a refusal is a sentence.
 */
export function checkSourceAddress(address: string, policy: SourcePolicy): Result<URL, string> {
  if (!URL.canParse(address)) return fail('This is no absolute address.');
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return fail('Only http and https are read.');
  if (url.username !== '' || url.password !== '') return fail('An address with a user name or password is not read.');
  url.hash = '';
  // Of what comes back, so that what a request may give is not refused when it is read.
  if (url.href.length > MAX_LENGTH) {
    return fail(`The address has more than ${MAX_LENGTH} characters as it is asked, percent-encoded.`);
  }
  if (policy.testOrigins.includes(url.origin)) return succeed(url);
  if (url.port !== '' && !policy.ports.includes(Number(url.port))) {
    return fail(`Port ${url.port} is not read from, only the protocol's own.`);
  }
  const host = hostOf(url);
  if (isForbiddenAddress(host)) return fail('This host is not on the public internet.');
  if (isLocalName(host)) return fail('This host name is not one of the public internet.');
  return succeed(url);
}

// A trailing dot names the same host.
function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/\.+$/, '');
}

function isLocalName(host: string): boolean {
  if (host.startsWith('[') || /^\d+(\.\d+){3}$/.test(host)) return false;
  if (!host.includes('.')) return true;
  return LOCAL_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
}
