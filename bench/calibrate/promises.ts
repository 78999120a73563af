import type { Promised } from '../report.ts';
import type { CandidateSearch } from './candidate-search.ts';

export interface MatchCounts {
  nearMisses: number;
  matchedNearMisses: number;
  paraphrases: number;
  matchedParaphrases: number;
}

interface Calibration {
  reporting: MatchCounts;
  fresh: MatchCounts;
  search: CandidateSearch;
  /** Of each pair of a collection's queries that match; `null` without a collection. */
  neighbours: readonly number[] | null;
  threshold: number;
  committedThreshold: number | null;
}

const MIN_PARAPHRASES = 0.2;
const MIN_RECALL = 0.98;
const MAX_FETCHED = 0.01;
const MIN_NDCG_CHANGE = -0.01;

export function calibrationPromises(calibration: Calibration): Promised[] {
  const { reporting, fresh, search, neighbours, threshold, committedThreshold } = calibration;
  const recall = search.justAbove === 0 ? 1 : search.broughtTogether / search.justAbove;
  const found = search.matchable === 0 ? 1 : search.matched / search.matchable;
  return [
    ...matchPromises('reporting half', reporting),
    ...(fresh.nearMisses + fresh.paraphrases === 0 ? [] : matchPromises('fresh pairs', fresh)),
    share(
      `brought together by the bands, of ${search.justAbove} pairs just above the threshold`,
      recall,
      recall >= MIN_RECALL,
      `≥ ${percent(MIN_RECALL)}`,
    ),
    share(
      `among those compared, of ${search.matchable} questions that an entry matches`,
      found,
      found >= MIN_RECALL,
      `≥ ${percent(MIN_RECALL)}`,
    ),
    share(
      `fetched, of ${search.entries} entries`,
      search.meanFetched,
      search.meanFetched <= MAX_FETCHED,
      `≤ ${percent(MAX_FETCHED)}`,
    ),
    ...(neighbours === null ? [] : [neighbourPromise(neighbours)]),
    {
      name: 'threshold, against the one in use',
      measured: threshold,
      unit: 'cosine',
      bar: `= ${committedThreshold ?? 'none'}`,
      holds: threshold === committedThreshold,
    },
  ];
}

function matchPromises(name: string, counts: MatchCounts): Promised[] {
  const matched = counts.paraphrases === 0 ? 0 : counts.matchedParaphrases / counts.paraphrases;
  return [
    {
      name: `near misses matched, ${name}`,
      measured: counts.matchedNearMisses,
      unit: `of ${counts.nearMisses}`,
      bar: '= 0',
      holds: counts.matchedNearMisses === 0,
    },
    share(`paraphrases matched, ${name}`, matched, matched >= MIN_PARAPHRASES, `≥ ${percent(MIN_PARAPHRASES)}`),
  ];
}

/** When no pair matches, nothing is lost. */
function neighbourPromise(changes: readonly number[]): Promised {
  const mean = changes.length === 0 ? 0 : changes.reduce((sum, change) => sum + change, 0) / changes.length;
  return {
    name: `served a neighbour's results, ${changes.length} matching pairs of queries`,
    measured: Number(mean.toFixed(4)),
    unit: 'nDCG@10',
    bar: `≥ ${MIN_NDCG_CHANGE}`,
    holds: mean >= MIN_NDCG_CHANGE,
  };
}

function share(name: string, value: number, holds: boolean, bar: string): Promised {
  return { name, measured: Number((100 * value).toFixed(2)), unit: '%', bar, holds };
}

function percent(value: number): string {
  return `${100 * value} %`;
}
