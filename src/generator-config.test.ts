import { describe, expect, it } from 'vitest';
import { type GeneratorConfig, identityOf } from './generator-config.ts';

const OWN = {
  ...{ vendor: 'openai', name: 'openai-own', baseUrl: 'https://a.example/v1', key: null, price: null },
  ...{ model: 'small', body: { temperature: 0 } },
} satisfies GeneratorConfig;

describe('what is kept of a model', () => {
  it.each([
    { model: 'large' },
    { baseUrl: 'https://b.example/v1' },
    { body: { temperature: 1 } },
    { name: 'openai-x' },
  ])('is not served for another one that its name stands for: %j', (changed) => {
    expect(identityOf({ ...OWN, ...changed })).not.toBe(identityOf(OWN));
  });

  it('survives another key and another price, and holds no key', () => {
    expect(identityOf({ ...OWN, key: 'k-1' })).toBe(identityOf(OWN));
  });
});
