import { createHash } from 'node:crypto';
import type { LabelledPair } from './labelled-pairs.ts';

export interface Splits {
  tuning: LabelledPair[];
  reporting: LabelledPair[];
  /** Of neither half. */
  fresh: LabelledPair[];
}

/** Two halves by a seeded hash. Pairs that share a text are in the same half. */
export function splitPairs(pairs: readonly LabelledPair[], seed: number): Splits {
  const groupOf = groupByText(pairs);
  const isTuning = ({ a }: LabelledPair) => hash(`${seed}\0${groupOf(a)}`) % 2 === 0;
  const halves = pairs.filter(({ split }) => split !== 'fresh');
  return {
    tuning: halves.filter(isTuning),
    reporting: halves.filter((pair) => !isTuning(pair)),
    fresh: pairs.filter(({ split }) => split === 'fresh'),
  };
}

function hash(text: string): number {
  return createHash('sha256').update(text).digest()[0] ?? 0;
}

/** Names the group of texts that pairs connect, by the first of them in alphabetical order. */
function groupByText(pairs: readonly LabelledPair[]): (text: string) => string {
  const parents = new Map<string, string>();
  const rootOf = (text: string): string => {
    const parent = parents.get(text);
    return parent === undefined ? text : rootOf(parent);
  };
  for (const { a, b } of pairs) {
    const [first, second] = [rootOf(a), rootOf(b)].sort();
    if (first !== undefined && second !== undefined && first !== second) parents.set(second, first);
  }
  return rootOf;
}
