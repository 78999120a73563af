import { describe, expect, it } from 'vitest';
import { aChunk } from '../../test/read-path-builders.ts';
import { decodeChunkMetadata, encodeChunkMetadata } from './chunk-metadata.ts';

describe('a chunk in a store’s metadata', () => {
  it('comes back as it was, with and without title and URL', () => {
    const full = aChunk({ url: 'https://example.com/a', headings: ['A', 'B'], metadata: { tags: ['x'], year: 2026 } });
    const bare = aChunk({ title: null, url: null });
    for (const chunk of [full, bare]) {
      const stored: unknown = JSON.parse(JSON.stringify(encodeChunkMetadata(chunk)));
      expect(decodeChunkMetadata(chunk.chunkId, chunk.namespace, stored)).toEqual(chunk);
    }
  });

  it('is not read when it belongs to another namespace', () => {
    expect(decodeChunkMetadata('chunk-1', 'other', encodeChunkMetadata(aChunk()))).toBeNull();
  });

  it.each([undefined, null, {}, 'text', { ...encodeChunkMetadata(aChunk()), v: 2 }])(
    'is not read from %j',
    (stored) => {
      expect(decodeChunkMetadata('chunk-1', 'docs', stored)).toBeNull();
    },
  );
});
