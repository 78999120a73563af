import { CommandError } from '../reply.ts';

/** Keeps a draw with repetition from filling the memory; such an answer would exceed the request size limit anyway. */
const MAX_DRAWS = 1_000_000;

/** `count` items of a non-empty list, each drawn from all of them. */
export function repeatRandomly<T>(items: readonly T[], count: number): T[] {
  if (count > MAX_DRAWS) throw new CommandError('ERR value is out of range');
  return Array.from({ length: count }, () => items.at(Math.floor(Math.random() * items.length))).filter(
    (item) => item !== undefined,
  );
}
