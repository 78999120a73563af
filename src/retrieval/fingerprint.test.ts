import { expect, test } from 'vitest';
import { EMBEDDING_MODELS } from '../models/embedding-models.ts';
import { fingerprintOf } from './fingerprint.ts';

test('a fingerprint can be read', () => {
  const model = { name: '@cf/baai/bge-m3', dimensions: 1024, pooling: 'default' as const };
  const limits = { maxInputTokens: 512, maxTextsPerCall: 100 };
  expect(fingerprintOf({ ...model, ...limits }, 'chunker-1')).toBe('@cf/baai/bge-m3/1024/default/chunker-1');
});

test('no two models, poolings, dimensions or chunkers share one', () => {
  const models = EMBEDDING_MODELS.flatMap((model) => [
    model,
    { ...model, dimensions: model.dimensions / 2 },
    { ...model, pooling: model.pooling === 'cls' ? ('mean' as const) : ('cls' as const) },
  ]);
  const fingerprints = models.flatMap((model) =>
    ['chunker-1', 'chunker-2'].map((chunker) => fingerprintOf(model, chunker)),
  );
  expect(new Set(fingerprints).size).toBe(fingerprints.length);
});
