import { expect, it } from 'vitest';
import { DEFAULT_CHUNKING } from './chunk-size.ts';
import { chunkerTag } from './chunker-version.ts';

it('tells apart what cuts documents otherwise', () => {
  const settings = [
    DEFAULT_CHUNKING,
    { ...DEFAULT_CHUNKING, targetTokens: 100 },
    { ...DEFAULT_CHUNKING, maxTokens: 100 },
    { ...DEFAULT_CHUNKING, overlapTokens: 100 },
  ];
  expect(chunkerTag(DEFAULT_CHUNKING)).toBe('chunker-4');
  expect(new Set(settings.map(chunkerTag)).size).toBe(settings.length);
});
