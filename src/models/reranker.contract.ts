import { beforeAll, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import type { Reranker } from './reranker.ts';

const passages = [
  { id: 'bread', text: 'Bread is baked from flour, water and yeast.' },
  { id: 'cats', text: 'Cats sleep sixteen hours a day.' },
];

/** What every `Reranker` promises. */
export function describeReranker(name: string, make: () => Promise<Reranker>): void {
  describe(`the reranker ${name}`, { timeout: 60_000 }, () => {
    let reranker: Reranker;

    beforeAll(async () => {
      reranker = await make();
    }, 120_000);

    it('gives the passage that answers the highest score, under its id, from 0 to 1', async () => {
      const result = await reranker.rerank('How many hours a day do cats sleep?', passages, inSeconds(50));
      expect(result).toMatchObject({ ok: true });
      if (!result.ok) return;
      const { scores, tokens } = result.value;
      expect(scores.toSorted((a, b) => b.score - a.score).map(({ id }) => id)).toEqual(['cats', 'bread']);
      for (const { score } of scores) expect(Math.abs(score - 0.5)).toBeLessThanOrEqual(0.5);
      expect(tokens).toBeGreaterThan(10);
    });

    it('calls nobody when no time is left', async () => {
      const result = await reranker.rerank('?', passages, inSeconds(0));
      expect(result).toMatchObject({ ok: false, error: { code: 'DEADLINE' } });
    });
  });
}
