import { describe, expect, it } from 'vitest';
import { plainFusion } from './plain-fusion.ts';

describe('plain reciprocal-rank fusion', () => {
  it('adds 1 / (60 + rank) of each leg, whatever order it is given', () => {
    const passage = (documentId: string, vector: number | null, lexical: number | null) => ({
      documentId,
      ranks: { vector, lexical },
    });
    const order = plainFusion([
      passage('c', null, 1),
      passage('b', 3, 3),
      passage('d', 40, 50),
      passage('a', 1, 4),
      passage('e', 2, null),
    ]);
    expect(order.map(({ documentId }) => documentId)).toEqual(['a', 'b', 'd', 'c', 'e']);
  });
});
