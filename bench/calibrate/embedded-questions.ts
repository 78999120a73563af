import { join } from 'node:path';
import { createEmbeddingPool } from '../../local/ai/embedding-pool.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import type { VectoredQuestion } from '../../src/cache/similar-questions/match-questions.ts';
import { readQuestionText } from '../../src/cache/similar-questions/question-text.ts';
import { normaliseQuestion } from '../../src/query/ask.ts';

const TEXTS_AT_ONCE = 50;

/** Each question as the cache would see it: normalised, read and embedded by the local model. */
export async function embedQuestions(
  questions: readonly string[],
  output: Output,
): Promise<ReadonlyMap<string, VectoredQuestion>> {
  const pool = createEmbeddingPool({ embeddingCacheDir: join(PROJECT_ROOT, '.vigil', 'embeddings') });
  const distinct = [...new Set(questions)];
  const embedded = new Map<string, VectoredQuestion>();
  const progress = output.progress('embedding ', distinct.length);
  try {
    for (let from = 0; from < distinct.length; from += TEXTS_AT_ONCE) {
      const batch = distinct.slice(from, from + TEXTS_AT_ONCE);
      const vectors = await pool.embed(batch.map(normaliseQuestion));
      for (const [index, question] of batch.entries()) {
        const vector = vectors[index];
        if (vector === undefined) throw new Error('the model answered with fewer vectors than questions');
        embedded.set(question, { text: readQuestionText(normaliseQuestion(question)), vector });
      }
      progress.update(embedded.size);
    }
  } finally {
    progress.end();
    await pool.close();
  }
  return embedded;
}
