import { expect, it } from 'vitest';
import type { EmbeddingModel } from '../models/embedder.ts';
import { embeddingModelNamed } from '../models/embedding-models.ts';
import { embeddingKey } from './keys.ts';

it('a vector’s key tells apart texts and everything of a model that makes another vector', async () => {
  const model = embeddingModelNamed('@cf/baai/bge-m3');
  if (model === null) throw new Error('the default model is missing');
  const others: EmbeddingModel[] = [
    { ...model, name: '@cf/baai/bge-m4' },
    { ...model, dimensions: model.dimensions / 2 },
    { ...model, pooling: model.pooling === 'cls' ? 'mean' : 'cls' },
  ];
  const texts = ['a', 'A', 'a ', 'a\0', 'a:b', ''];
  const keys = await Promise.all([
    ...texts.map((text) => embeddingKey(model, text)),
    ...others.map((other) => embeddingKey(other, 'a')),
  ]);
  expect(new Set(keys).size).toBe(texts.length + others.length);
  expect(await embeddingKey(model, 'a')).toBe(keys[0]);
});
