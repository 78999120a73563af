import { join } from 'node:path';
import { CommandFailure, UsageError } from '../../scripts/command.ts';
import type { VectoredQuestion } from '../../src/cache/similar-questions/match-questions.ts';
import { similarityThreshold } from '../../src/cache/similarity-thresholds.ts';
import { embeddingFingerprint } from '../../src/models/embedding-fingerprint.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import { type BeirDataset, readBeirDataset } from '../quality/beir-dataset.ts';
import { defineSuite } from '../suite.ts';
import { backgroundQuestions } from './background-questions.ts';
import { type CandidateSearch, measureCandidateSearch } from './candidate-search.ts';
import { embedQuestions } from './embedded-questions.ts';
import { readLabelledPairs } from './labelled-pairs.ts';
import { matchedNeighbours, ndcgChanges, readRankings } from './neighbour-results.ts';
import { calibrationPromises, type MatchCounts } from './promises.ts';
import { measureRelevance, RELEVANCE_OPTIONS } from './relevance-part.ts';
import { splitPairs } from './split-pairs.ts';
import { isMatched, type MeasuredPair, measurePair, tuneThreshold } from './tune-threshold.ts';

const OWN_PAIRS = join(import.meta.dirname, 'pairs.jsonl');
const OWN_QUESTIONS = join(import.meta.dirname, '..', 'quality', 'hono-docs');
const MODEL = 'local/all-MiniLM-L6-v2';
const BACKGROUND_QUESTIONS = 6_000;
/** What others use without guards; for comparison. */
const HIGH_COSINE = 0.95;

export const calibrateSuite = defineSuite({
  name: 'calibrate',
  summary:
    'Measure from which cosine on two questions may share their search results, with the local model in this process; or, with --documents, from which relevance of its passages on a question is answered.',
  arguments: '[options]',
  options: {
    pairs: {
      type: 'string',
      value: 'FILE',
      description: '{"a", "b", "match", "kind"} a line; without it, the pairs in bench/calibrate',
    },
    dataset: {
      type: 'string',
      value: 'DIR',
      description: 'a judged collection: what its queries lose by shared results',
    },
    results: {
      type: 'string',
      value: 'FILE',
      description:
        'its rankings: the report of `bench -- quality --json FILE`; only needed when some of its queries match',
    },
    ...RELEVANCE_OPTIONS,
  },
  examples: [
    'npm run bench -- calibrate',
    'npm run bench -- calibrate --dataset ../datasets/cranfield --results quality.json',
    'npm run bench -- calibrate --documents ../datasets/hono-docs',
    'npm run bench -- calibrate --documents DIR --questions FILE --url URL --key KEY --model @cf/baai/bge-m3',
  ],
  measure: async ({ options, output }, seed) => {
    if (options.documents !== null) return measureRelevance(options, options.documents, output);
    const model = embeddingModelNamed(MODEL);
    if (model === null) throw new Error(`${MODEL} is not known`);
    const pairs = readLabelledPairs(options.pairs ?? OWN_PAIRS);
    const dataset = options.dataset === null ? null : readBeirDataset(options.dataset);
    if (options.results !== null && dataset === null) throw new UsageError('--results goes with --dataset DIR');
    const asked = [
      ...pairs.flatMap(({ a, b }) => [a, b]),
      ...queriesOf(readBeirDataset(OWN_QUESTIONS)),
      ...queriesOf(dataset),
    ];
    const questions = await embedQuestions([...asked, ...backgroundQuestions(BACKGROUND_QUESTIONS)], output);

    const splits = splitPairs(pairs, seed);
    const measure = (split: typeof pairs) => split.map((pair) => measurePair(pair, questions));
    const tuning = measure(splits.tuning);
    const reporting = measure(splits.reporting);
    const fresh = measure(splits.fresh);
    const threshold = tuneThreshold(tuning);

    const search = measureCandidateSearch([...questions.values()], pick(questions, asked), threshold);
    const neighbours = dataset === null ? null : measureNeighbours(dataset, questions, threshold, options.results);
    const counts = { reporting: countMatches(reporting, threshold), fresh: countMatches(fresh, threshold) };
    return {
      promises: calibrationPromises({
        ...counts,
        search,
        neighbours,
        threshold,
        committedThreshold: similarityThreshold(model),
      }),
      profile: `${embeddingFingerprint(model)}, threshold ${threshold}`,
      table: [
        [
          `${embeddingFingerprint(model)} at ${threshold}`,
          'pairs',
          'matched',
          'by cosine alone',
          `alone, ${HIGH_COSINE}`,
        ],
        ...kindRows('tuning: ', tuning, threshold),
        ...kindRows('reporting: ', reporting, threshold),
        ...kindRows('fresh: ', fresh, threshold),
        ...searchRows(search),
      ],
      raw: {
        fingerprint: embeddingFingerprint(model),
        threshold,
        search,
        neighbours,
        tuning,
        reporting,
        fresh,
      },
    };
  },
});

function measureNeighbours(
  dataset: BeirDataset,
  questions: ReadonlyMap<string, VectoredQuestion>,
  threshold: number,
  results: string | null,
): number[] {
  const neighbours = matchedNeighbours(dataset.queries, questions, threshold);
  if (neighbours.length === 0) return [];
  if (results === null) {
    throw new CommandFailure(
      `${neighbours.length} pairs of queries of ${dataset.name} match: --results FILE is needed`,
    );
  }
  return ndcgChanges(neighbours, readRankings(results, dataset.name));
}

function kindRows(label: string, pairs: readonly MeasuredPair[], threshold: number): string[][] {
  const kinds = [...new Set(pairs.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const ofKind = pairs.filter((pair) => pair.kind === kind);
    const count = (holds: (pair: MeasuredPair) => boolean) => String(ofKind.filter(holds).length);
    return [
      `${label}${kind}`,
      String(ofKind.length),
      count((pair) => isMatched(pair, threshold)),
      count(({ cosine }) => cosine >= threshold),
      count(({ cosine }) => cosine >= HIGH_COSINE),
    ];
  });
}

/** What the cache's limits leave of what the bands bring together. */
function searchRows(search: CandidateSearch): string[][] {
  const row = (label: string, of: number, count: number) => [`candidates: ${label}`, String(of), String(count), '', ''];
  return [
    row('pairs just above the threshold, chosen', search.justAbove, search.chosen),
    row('questions that an entry matches, such a one chosen', search.matchable, search.matched),
  ];
}

function countMatches(pairs: readonly MeasuredPair[], threshold: number): MatchCounts {
  const of = (match: boolean) => pairs.filter((pair) => pair.match === match);
  const matched = (match: boolean) => of(match).filter((pair) => isMatched(pair, threshold)).length;
  return {
    nearMisses: of(false).length,
    matchedNearMisses: matched(false),
    paraphrases: of(true).length,
    matchedParaphrases: matched(true),
  };
}

function pick(questions: ReadonlyMap<string, VectoredQuestion>, texts: readonly string[]): VectoredQuestion[] {
  return [...new Set(texts)].flatMap((text) => questions.get(text) ?? []);
}

function queriesOf(dataset: BeirDataset | null): string[] {
  return dataset?.queries.map(({ text }) => text) ?? [];
}
