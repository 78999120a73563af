import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateNearMisses } from './generate-near-misses.ts';
import { readLabelledPairs } from './labelled-pairs.ts';
import { NEAR_MISS_TEMPLATES } from './near-miss-templates.ts';
import { splitPairs } from './split-pairs.ts';
import { tuneThreshold } from './tune-threshold.ts';

const PAIRS = readLabelledPairs(join(import.meta.dirname, 'pairs.jsonl'));
const KINDS = ['negation', 'number', 'entity', 'direction', 'antonym', 'qualifier', 'swapped-roles', 'operator'];
/** Narrower kinds, with fewer ways to go wrong. */
const SMALL_KINDS = ['conjunction', 'quantifier', 'modality', 'pronoun', 'preposition', 'collocation'];

describe('the labelled pairs', () => {
  it('are enough near misses of every kind and enough paraphrases', () => {
    const halves = PAIRS.filter(({ split }) => split === undefined);
    expect(halves.filter(({ match }) => !match).length).toBeGreaterThanOrEqual(600);
    for (const kind of KINDS) {
      expect(halves.filter((pair) => pair.kind === kind && !pair.match).length, kind).toBeGreaterThanOrEqual(40);
    }
    for (const kind of SMALL_KINDS) {
      expect(halves.filter((pair) => pair.kind === kind && !pair.match).length, kind).toBeGreaterThanOrEqual(10);
    }
    expect(halves.filter(({ kind }) => kind === 'conjunction').length).toBeGreaterThanOrEqual(20);
    expect(halves.filter(({ match, kind }) => match && kind === 'paraphrase').length).toBeGreaterThanOrEqual(200);
  });

  it('are each there once and of two different texts', () => {
    const keys = PAIRS.map(({ a, b }) => [a, b].sort().join('\n'));
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
    expect(PAIRS.filter(({ a, b }) => a === b)).toEqual([]);
  });

  it('hold the near misses that the templates make', () => {
    const held = new Set(PAIRS.map(({ a, b, kind }) => `${kind}\n${a}\n${b}`));
    const made = generateNearMisses(NEAR_MISS_TEMPLATES, 1);
    expect(made.filter(({ a, b, kind }) => !held.has(`${kind}\n${a}\n${b}`))).toEqual([]);
  });
});

describe('the split', () => {
  it('has every kind on both sides, about evenly, and no text on both', () => {
    const { tuning, reporting, fresh } = splitPairs(PAIRS, 1);
    expect(tuning.length + reporting.length + fresh.length).toBe(PAIRS.length);
    for (const kind of [...KINDS, 'other', 'paraphrase']) {
      const [left, right] = [tuning, reporting].map((half) => half.filter((pair) => pair.kind === kind).length);
      expect(Math.min(left ?? 0, right ?? 0), kind).toBeGreaterThan(15);
    }
    const texts = new Set(tuning.flatMap(({ a, b }) => [a, b]));
    expect(reporting.filter(({ a, b }) => texts.has(a) || texts.has(b))).toEqual([]);
  });

  it('depends on the seed', () => {
    expect(splitPairs(PAIRS, 2).tuning).not.toEqual(splitPairs(PAIRS, 1).tuning);
  });
});

describe('the threshold', () => {
  const nearMiss = { a: 'a', b: 'b', match: false, kind: 'other', veto: null };

  it('is above every near miss that no guard stops', () => {
    expect(
      tuneThreshold([
        { ...nearMiss, cosine: 0.91 },
        { ...nearMiss, cosine: 0.99, veto: 'word' },
      ]),
    ).toBe(0.93);
  });

  it('is never so low that candidates are missed', () => {
    expect(tuneThreshold([{ ...nearMiss, cosine: 0.5 }])).toBe(0.82);
  });
});
