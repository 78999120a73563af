import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { CommandFailure } from '../../scripts/command.ts';
import { matchQuestions, type VectoredQuestion } from '../../src/cache/similar-questions/match-questions.ts';
import type { BeirDataset } from '../quality/beir-dataset.ts';
import { ndcg } from '../quality/metrics.ts';

const reportSchema = z.object({
  raw: z.object({
    dataset: z.string(),
    results: z.object({ hybrid: z.array(z.object({ queryId: z.string(), ranking: z.array(z.string()) })) }),
  }),
});
const NDCG_DEPTH = 10;

type Query = BeirDataset['queries'][number];

/** Every ordered pair of different queries of which the first would be served the second's results. */
export function matchedNeighbours(
  queries: readonly Query[],
  questions: ReadonlyMap<string, VectoredQuestion>,
  threshold: number,
): { asked: Query; served: Query }[] {
  return queries.flatMap((asked) =>
    queries
      .filter(
        (served) =>
          served.id !== asked.id && isServed(questions.get(asked.text), questions.get(served.text), threshold),
      )
      .map((served) => ({ asked, served })),
  );
}

/** What each of them loses or wins in nDCG@10 by its neighbour's results. */
export function ndcgChanges(
  neighbours: readonly { asked: Query; served: Query }[],
  rankings: ReadonlyMap<string, readonly string[]>,
): number[] {
  return neighbours.map(({ asked, served }) => {
    const own = rankings.get(asked.id);
    const other = rankings.get(served.id);
    if (own === undefined || other === undefined) throw new CommandFailure('--results lacks some of the queries');
    return ndcg(other, asked.grades, NDCG_DEPTH) - ndcg(own, asked.grades, NDCG_DEPTH);
  });
}

/** The rankings in a report of `bench -- quality --json FILE`, by query. */
export function readRankings(path: string, dataset: string): Map<string, string[]> {
  const parsed = reportSchema.safeParse(parseFile(path));
  if (!parsed.success) throw new CommandFailure(`${path} is no report of \`npm run bench -- quality --json FILE\``);
  const { raw } = parsed.data;
  if (raw.dataset !== dataset) throw new CommandFailure(`${path} is about ${raw.dataset}, not ${dataset}`);
  return new Map(raw.results.hybrid.map(({ queryId, ranking }) => [queryId, ranking]));
}

function isServed(a: VectoredQuestion | undefined, b: VectoredQuestion | undefined, threshold: number): boolean {
  return a !== undefined && b !== undefined && matchQuestions(a, b, threshold).isMatch;
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
