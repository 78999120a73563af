import { describe, expect, it } from 'vitest';
import { aChunk } from '../../test/read-path-builders.ts';
import { decodeChunkMetadata, encodeChunkMetadata } from './chunk-metadata.ts';

const expected = { namespace: 'docs', fingerprint: '@cf/baai/bge-m3/1024/default/chunker-1' };
const { fingerprint } = expected;

describe('a chunk in a store’s metadata', () => {
  it('comes back as it was, with and without title and URL', () => {
    const full = aChunk({ url: 'https://example.com/a', headings: ['A', 'B'], metadata: { tags: ['x'], year: 2026 } });
    const bare = aChunk({ title: null, url: null });
    for (const chunk of [full, bare]) {
      const stored: unknown = JSON.parse(JSON.stringify(encodeChunkMetadata(chunk, fingerprint)));
      expect(decodeChunkMetadata(chunk.chunkId, stored, expected)).toEqual({ kind: 'chunk', chunk });
    }
  });

  it('is damaged when it belongs to another namespace, whatever made it', () => {
    for (const madeWith of [fingerprint, 'another']) {
      const stored = encodeChunkMetadata(aChunk({ namespace: 'other' }), madeWith);
      expect(decodeChunkMetadata('chunk-1', stored, expected)).toEqual({ kind: 'damaged' });
    }
  });

  it.each([
    ['another', encodeChunkMetadata(aChunk(), 'another')],
    ['unknown', { ...encodeChunkMetadata(aChunk(), fingerprint), v: 1, fingerprint: undefined }],
  ])('is foreign when it was made with %s', (madeWith, stored) => {
    const record = decodeChunkMetadata('chunk-1', stored, expected);
    expect(record).toEqual({ kind: 'foreign', fingerprint: madeWith });
  });

  it.each([
    undefined,
    null,
    {},
    'text',
    { ...encodeChunkMetadata(aChunk(), fingerprint), v: 3 },
    { ...encodeChunkMetadata(aChunk(), fingerprint), text: 1 },
    { ...encodeChunkMetadata(aChunk(), fingerprint), fingerprint: 'a\nline' },
  ])('is damaged in %j', (stored) => {
    expect(decodeChunkMetadata('chunk-1', stored, expected)).toEqual({ kind: 'damaged' });
  });
});
