type Network = readonly [address: string, prefixBits: number];

// All that is not globally reachable, and what only carries such addresses elsewhere:
// https://www.iana.org/assignments/iana-ipv4-special-registry/
const FORBIDDEN_V4: readonly Network[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

// Only 2000::/3 is in use on the public internet; loopback, mapped, unique local, link-local, multicast and NAT64
// addresses are all outside it. https://www.iana.org/assignments/iana-ipv6-special-registry/
const PUBLIC_V6: Network = ['2000:0:0:0:0:0:0:0', 3];
const FORBIDDEN_V6: readonly Network[] = [
  // Protocol assignments: Teredo, benchmarking, ORCHID.
  ['2001:0:0:0:0:0:0:0', 23],
  ['2001:db8:0:0:0:0:0:0', 32],
  // 6to4, which carries an IPv4 address.
  ['2002:0:0:0:0:0:0:0', 16],
  ['2620:4f:8000:0:0:0:0:0', 48],
  ['3ffe:0:0:0:0:0:0:0', 16],
  ['3fff:0:0:0:0:0:0:0', 20],
];

/**
 * Whether a host is an IP address that is not on the public internet. `host` is a URL's `hostname`: whatever notation
 * the address was written in, decimal, octal, hexadecimal or short, the URL parser has made one form of it.
 */
export function isForbiddenAddress(host: string): boolean {
  if (host.startsWith('[')) return isForbiddenV6(host.slice(1, -1));
  const bits = v4Bits(host);
  return bits !== null && FORBIDDEN_V4.some((network) => isWithin(bits, v4Bits(network[0]), network[1], 32));
}

function isForbiddenV6(address: string): boolean {
  const bits = v6Bits(address);
  if (bits === null) return true;
  const isIn = ([network, prefixBits]: Network) => isWithin(bits, v6Bits(network), prefixBits, 128);
  return !isIn(PUBLIC_V6) || FORBIDDEN_V6.some(isIn);
}

function isWithin(address: bigint, network: bigint | null, prefixBits: number, totalBits: number): boolean {
  const rest = BigInt(totalBits - prefixBits);
  return network !== null && address >> rest === network >> rest;
}

function v4Bits(host: string): bigint | null {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)?.slice(1);
  return octets === undefined ? null : octets.reduce((bits, octet) => bits * 256n + BigInt(octet), 0n);
}

/** The URL parser writes lower-case groups with at most one `::`, and no IPv4 part. */
function v6Bits(address: string): bigint | null {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return null;
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  if (!groups.every((group) => /^[\da-f]{1,4}$/.test(group))) return null;
  return groups.reduce((bits, group) => bits * 65_536n + BigInt(`0x${group}`), 0n);
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
