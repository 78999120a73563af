import { expect, it } from 'vitest';
import type { Deployment } from '../stack/deployment.ts';
import { chaosCells, everythingCell, pairCells, selectCells } from './cells.ts';

const deployment: Deployment = {
  stores: [
    { name: 'vectorize', faultTarget: 'vectorize:primary' },
    { name: 'vectorize-replica', faultTarget: 'vectorize:replica' },
    { name: 'upstash', faultTarget: 'vector' },
  ],
  generators: ['small'],
  requestDeadlineMs: 12_000,
  generationIdleMs: 5_000,
};
const names = (filter: string) => selectCells(chaosCells(deployment), filter).map(({ name }) => name);

it('the table has seven targets in seven modes, three in four, and models that break off in two', () => {
  expect(chaosCells(deployment)).toHaveLength(7 * 7 + 3 * 4 + 2);
  expect(new Set(chaosCells(deployment).map(({ name }) => name)).size).toBe(63);
});

it('where models break off, streams are asked for as well', () => {
  const streaming = chaosCells(deployment).filter(({ alsoStreams }) => alsoStreams);
  expect(streaming.map(({ name }) => name)).toEqual(['ai/generate/interrupted', 'ai/generate/stalled']);
  expect(streaming[0]?.expected.required.generation).toEqual(['generation:small']);
});

it('cells are chosen by a part of their name, by a pattern, or by several of them', () => {
  expect(names('vectorize:primary/hang')).toEqual(['vectorize:primary/hang']);
  expect(names('ai/embed')).toHaveLength(7);
  expect(names('vector/*')).toHaveLength(7);
  expect(names('*/refused')).toHaveLength(7);
  expect(names('kv/error, redis/slow')).toEqual(['redis/slow', 'kv/error', 'd1+kv/error']);
  expect(names('nothing')).toEqual([]);
});

it('pairs are every two stores, and all of them last', () => {
  expect(pairCells(deployment).map(({ targets }) => targets)).toEqual([
    ['vectorize:primary', 'vectorize:replica'],
    ['vectorize:primary', 'vector'],
    ['vectorize:replica', 'vector'],
    ['vectorize:primary', 'vectorize:replica', 'vector'],
  ]);
  expect(everythingCell(deployment, 'error').targets).toEqual([
    'vectorize:primary',
    'vectorize:replica',
    'vector',
    'd1',
  ]);
});
