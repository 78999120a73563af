import { beforeAll, describe, expect, it } from 'vitest';
import { inSeconds } from '../../test/read-path-builders.ts';
import type { Embedder, Embeddings } from './embedder.ts';

export interface EmbedderUnderTest {
  open(): Promise<Embedder>;
  /** By how much an answer is at least closer to its question than another text: each model has its own scale. */
  margin: number;
}

/** What every `Embedder` promises. */
export function describeEmbedder(name: string, { open, margin }: EmbedderUnderTest): void {
  describe(`the embedder ${name}`, { timeout: 60_000 }, () => {
    let embedder: Embedder;

    beforeAll(async () => {
      embedder = await open();
    }, 120_000);

    async function embed(texts: string[]): Promise<Embeddings> {
      const result = await embedder.embed(texts, inSeconds(30));
      if (!result.ok) throw new Error(`failed: ${JSON.stringify(result.error)}`);
      return result.value;
    }

    it('gives each text a vector of unit length and counts tokens', async () => {
      const { vectors, tokens } = await embed(['Cats sleep most of the day.', 'The request body is limited.']);
      expect(vectors).toHaveLength(2);
      for (const vector of vectors) {
        expect(vector).toHaveLength(embedder.model.dimensions);
        expect(cosine(vector, vector)).toBeCloseTo(1, 4);
      }
      expect(tokens).toBeGreaterThan(6);
    });

    it('keeps the order of the texts, and puts what means the same close together', async () => {
      const texts = ['How much do cats sleep?', 'The request body is limited.', 'Cats sleep most of the day.'];
      const [question, other, answer] = (await embed(texts)).vectors;
      expect(cosine(question, answer)).toBeGreaterThan(cosine(question, other) + margin);
    });

    it('gives the same text the same vector', async () => {
      const [first] = (await embed(['The same text.'])).vectors;
      const [again] = (await embed(['The same text.'])).vectors;
      expect(cosine(first, again)).toBeCloseTo(1, 3);
    });

    it('takes a full batch, and refuses a larger one for good', async () => {
      const texts = Array.from({ length: embedder.model.maxTextsPerCall + 1 }, (_, n) => `Text ${n % 5}.`);
      expect((await embed(texts.slice(1))).vectors).toHaveLength(embedder.model.maxTextsPerCall);
      expect(await embedder.embed(texts, inSeconds(30))).toMatchObject({ ok: false, error: { class: 'permanent' } });
    });

    it('calls nobody when no time is left', async () => {
      expect(await embedder.embed(['x'], inSeconds(0))).toMatchObject({ ok: false, error: { code: 'DEADLINE' } });
    });
  });
}

function cosine(a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
