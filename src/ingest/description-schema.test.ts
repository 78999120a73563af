import { describe, expect, it } from 'vitest';
import { MAX_METADATA_BYTES, metadata, metadataBytes } from './description-schema.ts';

/** As many entries as fit, each as short as one can be. */
function shortestEntries(bytes: number): Record<string, number> {
  const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_'];
  const keys = [...letters, ...letters.flatMap((first) => letters.map((second) => first + second))];
  const entries: Record<string, number> = {};
  for (const key of keys) {
    if (metadataBytes({ ...entries, [key]: 1 }) > bytes) break;
    entries[key] = 1;
  }
  return entries;
}

describe('metadata', () => {
  it('may have as many keys as fit into its bytes', () => {
    const entries = shortestEntries(MAX_METADATA_BYTES);
    expect(metadataBytes(entries)).toBeGreaterThan(MAX_METADATA_BYTES - 10);
    expect(metadata.parse(entries)).toEqual(entries);
  });

  it('with very many keys is refused for its size before any key is looked at', () => {
    const entries = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`not a key ${n}`, null]));
    const { error } = metadata.safeParse(entries);
    expect(error?.issues.map(({ message }) => message)).toEqual(['may have at most 2048 bytes as JSON']);
  });
});
