import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { readToldWords } from './told-words.ts';

const told = readToldWords([
  aPassage(1, 'The middleware limits the size of a body. It is configured once.', { title: 'Requests' }),
  aPassage(2, 'Call `serveStatic` in a Worker.', { headings: ['Deployment'] }),
]);
const others = new Set(['function']);

describe('the words of passages', () => {
  it.each(['middlewar', 'request', 'worker', 'deployment', 'static'])(
    'are those of text, title and headings, and of names in code: %s',
    (word) => expect(told.has(word)).toBe(true),
  );

  it('are known by their beginning where they are long', () => {
    expect(told.has('requester')).toBe(true);
    expect(told.has('reques')).toBe(true);
    expect(told.has('reque')).toBe(false);
    expect(told.has('sizes')).toBe(false);
  });

  it('make up a name within one passage', () => {
    expect(told.hasName('sizelimit', ['size', 'limit'])).toBe(true);
    expect(told.hasName('workerlimit', ['worker', 'limit'])).toBe(false);
    expect(told.hasName('limit', ['limit'])).toBe(true);
  });

  it.each([
    ['middlwar', true],
    ['midlewar', true],
    ['middlewra', true],
    ['middlexar', true],
    ['funtion', true],
    ['iddlewar', false],
    ['middlwr', false],
    ['funtoin', false],
    ['limib', true],
    ['sise', false],
    ['middlewar', true],
  ])('are recognised with one slip of the pen: %s', (word, isThere) => {
    expect(told.hasSpelling(word, others)).toBe(isThere);
  });

  it('are none without passages', () => {
    const none = readToldWords([]);
    expect([none.has('limit'), none.hasName('limit', ['lim', 'it']), none.hasSpelling('limit', others)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
