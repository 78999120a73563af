import type { RandomProjection } from './random-projection.ts';

/**
 * Measured by `npm run bench -- calibrate`: at a cosine of 0.82 these find more than 98 % of the entries that are that
 * close, and fetch less than 1 % of all. Every stored field depends on them.
 */
const BANDS = 26;
const BITS_PER_BAND = 19;
const PROBES_PER_BAND = 20;
const SKETCH_BITS = 512;

/** Bits this far from their plane or further are not doubted: the probes asked for never get there. */
const DOUBTED_BITS = 10;
const MAX_FLIPPED_BITS = 3;
const FLIPS = worthwhileFlips();

/** Where vectors like this one are kept and looked for. */
export interface SimilaritySignature {
  /** The fields to put an entry into, one a band. */
  bands: string[];
  /** The fields to read: each band's own, then those of the buckets next to it, nearest first. */
  probes: string[];
  /** The vector in 64 bytes, base64: good enough to choose among candidates. */
  sketch: string;
}

/** The signature of a unit vector, always the same for the same vector. */
export function signVector(projection: RandomProjection, vector: Float32Array): SimilaritySignature {
  const values = projection.project(vector);
  const bands = Array.from({ length: BANDS }, (_, band) => {
    const own = values.subarray(band * BITS_PER_BAND, (band + 1) * BITS_PER_BAND);
    return nearestBuckets(own).map((bucket) => `${band}:${bucket.toString(36)}`);
  });
  return { bands: bands.flatMap(([own = '']) => own), probes: bands.flat(), sketch: sketchOf(values) };
}

/** The cosine of two vectors by their sketches, give or take 0.1; `null` for what is not a sketch. */
export function estimateCosine(a: string, b: string): number | null {
  const left = bytesOf(a);
  const right = bytesOf(b);
  if (left === null || right === null) return null;
  let differing = 0;
  for (const [index, byte] of left.entries()) differing += countBits(byte ^ (right[index] ?? 0));
  return Math.cos((Math.PI * differing) / SKETCH_BITS);
}

/** The bucket of a band, and those across its nearest planes: multi-probe (Lv et al., VLDB 2007). */
function nearestBuckets(values: Float32Array): number[] {
  const own = values.reduce((bucket, value, bit) => bucket | (Number(value > 0) << bit), 0);
  const doubts = Array.from(values, (value, bit) => ({ mask: 1 << bit, cost: value * value })).sort(byCost);
  return FLIPS.map((ranks) => flip(doubts, ranks))
    .sort(byCost)
    .slice(0, PROBES_PER_BAND)
    .map(({ mask }) => own ^ mask);
}

interface Flip {
  mask: number;
  /** How far the vector is from the bucket that it leads to, squared. */
  cost: number;
}

function flip(doubts: readonly Flip[], ranks: readonly number[]): Flip {
  let mask = 0;
  let cost = 0;
  for (const rank of ranks) {
    mask |= doubts[rank]?.mask ?? 0;
    cost += doubts[rank]?.cost ?? 0;
  }
  return { mask, cost };
}

function byCost(a: Flip, b: Flip): number {
  return a.cost - b.cost;
}

/** Which bits to flip, by their rank in closeness to their plane: only what may be among the nearest of all. */
function worthwhileFlips(): number[][] {
  const all = subsets(0, MAX_FLIPPED_BITS);
  return all.filter(
    (ranks) => all.filter((other) => other !== ranks && isNearer(other, ranks)).length < PROBES_PER_BAND,
  );
}

function subsets(from: number, size: number): number[][] {
  if (size === 0) return [[]];
  const ranks = Array.from({ length: DOUBTED_BITS - from }, (_, offset) => from + offset);
  return [[], ...ranks.flatMap((rank) => subsets(rank + 1, size - 1).map((rest) => [rank, ...rest]))];
}

/** Whatever the distances: fewer bits, and each of them no further than its counterpart. */
function isNearer(ranks: readonly number[], than: readonly number[]): boolean {
  const offset = than.length - ranks.length;
  return offset >= 0 && ranks.every((rank, index) => rank <= (than[offset + index] ?? -1));
}

function sketchOf(values: Float32Array): string {
  const bytes = new Uint8Array(SKETCH_BITS / 8);
  for (let bit = 0; bit < SKETCH_BITS; bit++) {
    if ((values[bit] ?? 0) > 0) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return btoa(String.fromCharCode(...bytes));
}

function bytesOf(sketch: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(sketch), (character) => character.charCodeAt(0));
    return bytes.length === SKETCH_BITS / 8 ? bytes : null;
  } catch {
    return null;
  }
}

function countBits(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}
