import { describe, expect, it } from 'vitest';
import type { Deployment } from './deployment.ts';
import { expectationFor } from './expectation.ts';

const deployment: Deployment = {
  stores: [
    { name: 'vectorize', faultTarget: 'vectorize:primary' },
    { name: 'vectorize-replica', faultTarget: 'vectorize:replica' },
    { name: 'upstash', faultTarget: 'vector' },
  ],
  generators: ['small', 'large'],
  requestDeadlineMs: 12_000,
};
const expected = (...targets: string[]) => expectationFor(targets, deployment);

describe('what answers must name while every call fails', () => {
  it.each([
    ['vectorize', ['retrieval:vectorize', 'retrieval:vectorize-replica']],
    ['vectorize:primary', ['retrieval:vectorize']],
    ['redis', ['cache:embedding']],
    ['ai', ['generation:small', 'generation:large']],
    ['ai/embed', []],
    ['d1', ['retrieval:lexical', 'liveness']],
    ['kv', []],
  ])('%s', (target, required) => {
    expect(expected(target).required).toEqual(required);
  });

  it('is nothing of a store that is asked only when others fail', () => {
    expect(expected('vector').required).toEqual([]);
    expect(expected('vectorize:replica').required).toEqual([]);
    expect(expected('vectorize', 'vector').required).toEqual([
      'retrieval:vectorize',
      'retrieval:vectorize-replica',
      'retrieval:upstash',
    ]);
  });

  it('is the embedding only of questions whose vector is in no cache', () => {
    expect(expected('ai/embed').requiredOfNew).toEqual(['embedding']);
    expect(expected('ai').requiredOfNew).toEqual(['embedding']);
    expect(expected('redis').requiredOfNew).toEqual([]);
  });
});

it('allows what may fail, and nothing else', () => {
  expect(expected('redis', 'vector').allowed).toEqual(['retrieval:upstash', 'cache:embedding']);
  expect(expected('ai/embed').allowed).toEqual(['embedding']);
  expect(expected('d1', 'kv').allowed).toEqual(['retrieval:lexical', 'liveness']);
});

it('lets nothing serve that is down', () => {
  expect(expected('vectorize').cannotServe).toEqual({ retrieval: ['vectorize', 'vectorize-replica'], generation: [] });
  expect(expected('d1').cannotServe.retrieval).toEqual(['lexical']);
  expect(expected('ai').cannotServe.generation).toEqual(['small', 'large']);
  expect(expected('ai/embed').cannotServe).toEqual({ retrieval: [], generation: [] });
});

it('asks for the healthy first passage in nearly all answers, and in half of them when one leg is left', () => {
  for (const target of ['vectorize', 'vector', 'redis', 'kv']) expect(expected(target).minSameTopShare).toBe(0.99);
  for (const target of ['ai', 'ai/embed', 'd1']) expect(expected(target).minSameTopShare).toBe(0.5);
  expect(expected('vectorize', 'vector').minSameTopShare).toBe(0.5);
});
