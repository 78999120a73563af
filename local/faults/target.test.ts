import { describe, expect, it } from 'vitest';
import { formatTarget, parseTarget } from './target.ts';

describe('a fault target', () => {
  it.each([
    ['vectorize', { service: 'vectorize', instance: null, operation: null }],
    ['vectorize:replica', { service: 'vectorize', instance: 'replica', operation: null }],
    ['vectorize:primary/query', { service: 'vectorize', instance: 'primary', operation: 'query' }],
    ['d1:lexical/batch', { service: 'd1', instance: 'lexical', operation: 'batch' }],
    ['ai/to-markdown', { service: 'ai', instance: null, operation: 'to-markdown' }],
  ] as const)('is read from %s and written back', (text, target) => {
    expect(parseTarget(text)).toEqual({ ok: true, value: target });
    expect(formatTarget(target)).toBe(text);
  });

  it.each(['', 'vectorize:', 'vectorize/', 'vectorize:a:b', 'Vectorize', 'ai run'])(
    'is refused when malformed: "%s"',
    (text) => {
      expect(parseTarget(text)).toMatchObject({
        ok: false,
        error: expect.stringContaining('service[:instance][/operation]'),
      });
    },
  );

  it('names the services when the service is unknown', () => {
    expect(parseTarget('postgres')).toEqual({
      ok: false,
      error: '"postgres" is not a service: choose one of ai, openai, vectorize, redis, vector, d1, kv',
    });
  });
});
