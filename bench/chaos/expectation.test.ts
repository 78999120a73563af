import { describe, expect, it } from 'vitest';
import type { Deployment } from '../stack/deployment.ts';
import { expectationFor } from './expectation.ts';

const deployment: Deployment = {
  stores: [
    { name: 'vectorize', faultTarget: 'vectorize:primary' },
    { name: 'vectorize-replica', faultTarget: 'vectorize:replica' },
    { name: 'upstash', faultTarget: 'vector' },
  ],
  generators: ['small', 'large'],
  requestDeadlineMs: 12_000,
  generationIdleMs: 5_000,
};
const expected = (...targets: string[]) => expectationFor(targets, deployment);

const nothing = { caches: [], generation: [], retrieval: [], embedding: [] };

describe('what answers must name while every call fails', () => {
  it.each([
    ['vectorize', { retrieval: ['retrieval:vectorize', 'retrieval:vectorize-replica'] }],
    ['vectorize:primary', { retrieval: ['retrieval:vectorize'] }],
    ['redis', { caches: ['cache:search'] }],
    ['ai', { generation: ['generation:small', 'generation:large'], embedding: ['embedding'] }],
    ['ai/embed', { embedding: ['embedding'] }],
    ['d1', { retrieval: ['retrieval:lexical', 'liveness'] }],
    ['kv', { caches: ['cache:response'] }],
  ])('%s', (target, required) => {
    expect(expected(target).required).toEqual({ ...nothing, ...required });
  });

  it('is nothing of a store that is asked only when others fail', () => {
    expect(expected('vector').required).toEqual(nothing);
    expect(expected('vectorize:replica').required).toEqual(nothing);
    expect(expected('vectorize', 'vector').required.retrieval).toEqual([
      'retrieval:vectorize',
      'retrieval:vectorize-replica',
      'retrieval:upstash',
    ]);
  });
});

it('allows what may fail, and nothing else', () => {
  expect(expected('redis', 'vector').allowed).toEqual(['retrieval:upstash', 'cache:search', 'cache:embedding']);
  expect(expected('ai/embed').allowed).toEqual(['embedding']);
  expect(expected('d1', 'kv').allowed).toEqual(['cache:response', 'retrieval:lexical', 'liveness', 'search']);
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
