import { estimateGenerationTokens } from '../models/token-estimate.ts';
import type { Passage } from './answer.ts';
import { renderPassage } from './prompt.ts';
import { splitSentences } from './sentences.ts';

// Less of a passage than this helps nobody.
const LEAST_USEFUL_TOKENS = 80;

/**
 * The passages that go into the prompt, in order and under their own numbers, within so many tokens. What another passage
 * says too is left out. The first that does not fit is cut after a sentence, and ends the context; of the very first
 * something always stays.
 */
export function packContext(passages: readonly Passage[], maxTokens: number): Passage[] {
  const packed: Passage[] = [];
  const sizes = new Map(passages.map((passage) => [passage.n, tokensOf(passage)]));
  let left = maxTokens;
  for (const passage of passages) {
    if (packed.some(({ text }) => holds(text, passage.text))) continue;
    const fits = ({ n }: Passage) => (sizes.get(n) ?? 0) <= left;
    // One that says more than this one, and this too, takes its place.
    const isPart = (other: Passage) => other.text.length > passage.text.length && holds(other.text, passage.text);
    const whole = passages.find((other) => other.n > passage.n && isPart(other) && fits(other)) ?? passage;
    if (!fits(whole)) {
      const part = left >= LEAST_USEFUL_TOKENS || packed.length === 0 ? cutTo(passage, left) : null;
      return part === null ? packed : [...packed, part];
    }
    packed.push(whole);
    left -= sizes.get(whole.n) ?? 0;
  }
  return packed;
}

function tokensOf(passage: Passage): number {
  // A blank line stands between passages, and a token may grow where two texts meet.
  return estimateGenerationTokens(renderPassage(passage)) + 1;
}

function holds(text: string, other: string): boolean {
  return text.includes(other.trim());
}

/** The beginning of a passage up to the end of a sentence, else of a line, else of a character. */
function cutTo(passage: Passage, maxTokens: number): Passage {
  const { text } = passage;
  const ends = [
    splitSentences(text).map(({ end }) => end),
    [...text.matchAll(/\n/g)].map(({ index }) => index),
    [...text.matchAll(/[\s\S]/gu)].map((match) => match.index + match[0].length),
  ];
  for (const candidates of ends) {
    const end = largestFitting(candidates, (at) => tokensOf(cutAt(passage, at)) <= maxTokens);
    if (end !== null && text.slice(0, end).trim() !== '') return cutAt(passage, end);
  }
  const [shortest] = ends.map((candidates) => candidates[0] ?? text.length).sort((a, b) => a - b);
  return cutAt(passage, shortest ?? text.length);
}

/** More text never takes fewer tokens, so that halving finds the end. */
function largestFitting(ends: number[], fits: (end: number) => boolean): number | null {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(ends[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return ends[low - 1] ?? null;
}

function cutAt(passage: Passage, end: number): Passage {
  return { ...passage, text: passage.text.slice(0, end), end: passage.start + end };
}
