import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSourceAddress, type SourcePolicy } from './source-address.ts';

const POLICY: SourcePolicy = { testOrigins: [], ports: [] };
const isAllowed = (address: string, policy = POLICY) => checkSourceAddress(address, policy).ok;

describe('an address that may be read', () => {
  it.each([
    'https://example.com/guide.html',
    'http://example.com:80/a?b=c',
    'https://example.com:443/',
    'https://sub.domain.example.co.uk./x',
    'https://münchen.de/',
    'http://8.8.8.8/',
    'http://192.0.1.1/',
    'http://100.63.255.255/',
    'http://100.128.0.1/',
    'http://172.15.0.1/',
    'http://172.32.0.1/',
    'http://[2606:4700:4700::1111]/',
    'http://[2a00:1450:4001:81b::200e]/',
    'https://localhost.example.com/',
    'https://internal.example.com/',
  ])('is %s', (address) => {
    expect(isAllowed(address)).toBe(true);
  });

  it('comes back as it will be asked, without its fragment', () => {
    const checked = checkSourceAddress('HTTPS://Example.COM:443/a/../b#part', POLICY);
    expect(checked.ok && checked.value.href).toBe('https://example.com/b');
  });
});

describe('an address that is never read', () => {
  it.each([
    // Other protocols, credentials, ports.
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,x',
    'gopher://example.com/',
    'blob:https://example.com/1',
    '/relative',
    'https://',
    'https://user@example.com/',
    'https://user:pass@example.com/',
    'https://:pass@example.com/',
    'http://example.com:8080/',
    'https://example.com:80/',
    'http://example.com:22/',
    // Loopback and unspecified, however they are written.
    'http://127.0.0.1/',
    'http://127.1/',
    'http://127.0.1/',
    'http://0177.0.0.1/',
    'http://0x7f.0.0.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://１２７.０.０.１/',
    'http://127。0。0。1/',
    'http://%31%32%37.0.0.1/',
    'http://127.255.255.254/',
    'http://0/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    // Private, shared, link-local, and the clouds' metadata.
    'http://10.0.0.1/',
    'http://10.255.255.255/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://0xc0a80101/',
    'http://100.64.0.1/',
    'http://100.100.100.200/',
    'http://100.127.255.255/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://192.0.0.192/',
    'http://198.18.0.1/',
    'http://198.19.255.255/',
    'http://192.0.2.1/',
    'http://203.0.113.7/',
    'http://192.88.99.1/',
    'http://224.0.0.1/',
    'http://239.255.255.255/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'http://[fe80::1]/',
    'http://[fc00::1]/',
    'http://[fd00:ec2::254]/',
    'http://[ff02::1]/',
    // IPv4 inside IPv6.
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:8.8.8.8]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:7f00:1::]/',
    'http://[2001:db8::1]/',
    'http://[3fff::1]/',
    'http://[100::1]/',
    // Names of this machine or this network.
    'http://localhost/',
    'http://LOCALHOST./',
    'http://app.localhost/',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'http://metadata.google.internal./',
    'http://metadata/',
    'http://intranet/',
    'http://router.home.arpa/',
    'http://a.test/',
    'http://x.onion/',
    'http://ⓛocalhost/',
  ])('is %s', (address) => {
    expect(isAllowed(address)).toBe(false);
  });

  it('is one that is too long to be one', () => {
    expect(isAllowed(`https://example.com/${'a'.repeat(2_000)}`)).toBe(false);
  });

  it('is one that becomes too long when it is encoded', () => {
    expect(isAllowed(`https://example.com/${'文'.repeat(300)}`)).toBe(false);
  });

  it('is not one that was allowed before: as it came back, it is allowed again', () => {
    const character = fc.constantFrom('a', '/', '文', '%', ' ', '?', '#', '\t', '"', '\ud800');
    const rest = fc.string({ unit: character, maxLength: 900 });
    void fc.assert(
      fc.property(rest, (given) => {
        const checked = checkSourceAddress(`https://example.com/${given}`, POLICY);
        if (checked.ok) expect(isAllowed(checked.value.href)).toBe(true);
      }),
      { seed: 5 },
    );
  });

  it('is any private IPv4 address in any notation', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const address = fc.oneof(
      fc.tuple(fc.constantFrom(0, 10, 127), octet, octet, octet),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet),
    );
    void fc.assert(
      fc.property(address, (octets) => {
        const [a, b, c, d] = octets;
        const whole = ((a * 256 + b) * 256 + c) * 256 + d;
        const notations = [
          octets.join('.'),
          String(whole),
          `0x${whole.toString(16)}`,
          `0${whole.toString(8)}`,
          octets.map((part) => `0x${part.toString(16)}`).join('.'),
          octets.map((part) => `0${part.toString(8)}`).join('.'),
          `${a}.${(b * 256 + c) * 256 + d}`,
          `${a}.${b}.${c * 256 + d}`,
          `[::ffff:${octets.join('.')}]`,
          `[64:ff9b::${octets.join('.')}]`,
          `[2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::1]`,
        ];
        for (const host of notations) expect([host, isAllowed(`http://${host}/`)]).toEqual([host, false]);
      }),
      { seed: 5 },
    );
  });

  it('is any IPv6 address outside the public ones', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const outside = group.filter((first) => first < 0x2000 || first > 0x3fff);
    void fc.assert(
      fc.property(outside, fc.array(group, { minLength: 7, maxLength: 7 }), (first, rest) => {
        const host = [first, ...rest].map((part) => part.toString(16)).join(':');
        expect(isAllowed(`http://[${host}]/`)).toBe(false);
      }),
      { seed: 5 },
    );
  });
});

describe('what an operator allows', () => {
  it('is an exact origin, and nothing beside it', () => {
    const policy = { ...POLICY, testOrigins: ['http://127.0.0.1:9999'] };
    expect(isAllowed('http://127.0.0.1:9999/a.html', policy)).toBe(true);
    expect(isAllowed('http://0x7f.1:9999/a.html', policy)).toBe(true);
    for (const other of [
      'http://127.0.0.1:9998/',
      'http://127.0.0.1/',
      'https://127.0.0.1:9999/',
      'http://127.0.0.2:9999/',
    ])
      expect([other, isAllowed(other, policy)]).toEqual([other, false]);
    expect(isAllowed('http://user@127.0.0.1:9999/', policy)).toBe(false);
  });

  it('is a further port, of public hosts only', () => {
    const policy = { ...POLICY, ports: [8443] };
    expect(isAllowed('https://example.com:8443/', policy)).toBe(true);
    expect(isAllowed('https://example.com:8444/', policy)).toBe(false);
    expect(isAllowed('https://10.0.0.1:8443/', policy)).toBe(false);
  });
});
