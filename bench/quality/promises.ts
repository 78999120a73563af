import type { Promised } from '../report.ts';
import type { Summary } from './summaries.ts';

/** Floors for nDCG@10 on the collections they were measured on; of any other only the order of the methods is promised. */
const FLOORS: Readonly<Record<string, { default: number; lexical: number; gainsOnPlainFusion: true }>> = {
  cranfield: { default: 0.442, lexical: 0.395, gainsOnPlainFusion: true },
};

/** What is promised of a collection, and whether the measured summaries bear it out. */
export function qualityPromises(dataset: string, { methods, gain, degraded }: Summary): Promised[] {
  const { vector, lexical, plain, hybrid } = methods;
  const bestLeg = Math.max(vector.ndcg.value, lexical.ndcg.value);
  const floors = FLOORS[dataset];
  return [
    promise('questions answered with a part missing', degraded, degraded === 0, '= 0', 'questions'),
    atLeast('default fusion, against the better leg', hybrid.ndcg.value, bestLeg),
    atLeast('default fusion, against plain fusion', hybrid.ndcg.value, plain.ndcg.value),
    ...(floors === undefined
      ? []
      : [
          atLeast('default fusion', hybrid.ndcg.value, floors.default),
          atLeast('lexical alone', lexical.ndcg.value, floors.lexical),
          promise('gain on plain fusion, lower end of 95 %', gain.low, gain.low > 0, '> 0', 'nDCG@10'),
        ]),
  ];
}

function atLeast(name: string, measured: number, floor: number): Promised {
  return promise(name, measured, measured >= floor, `≥ ${round(floor)}`, 'nDCG@10');
}

function promise(name: string, measured: number, holds: boolean, bar: string, unit: string): Promised {
  return { name, measured: round(measured), unit, bar, holds };
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
