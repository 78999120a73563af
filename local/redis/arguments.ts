import { parseDecimal } from './decimal.ts';
import { NOT_A_FLOAT, NOT_AN_INTEGER, SYNTAX_ERROR } from './error-texts.ts';
import { parseInt64 } from './integers.ts';
import { CommandError } from './reply.ts';

/** A command's arguments without its name. Every reader throws the `CommandError` that Redis would answer. */
export class Arguments {
  readonly values: readonly string[];

  constructor(values: readonly string[]) {
    this.values = values;
  }

  get count(): number {
    return this.values.length;
  }

  text(index: number): string {
    const value = this.values[index];
    if (value === undefined) throw new CommandError(SYNTAX_ERROR);
    return value;
  }

  /** Option words are case-insensitive. */
  word(index: number): string {
    return this.text(index).toUpperCase();
  }

  integer(index: number): bigint {
    const value = parseInt64(this.text(index));
    if (value === null) throw new CommandError(NOT_AN_INTEGER);
    return value;
  }

  /** For counts and offsets: beyond the safe integers there is nothing to count. */
  safeInteger(index: number): number {
    const value = Number(this.integer(index));
    if (!Number.isSafeInteger(value)) throw new CommandError(NOT_AN_INTEGER);
    return value;
  }

  decimal(index: number): bigint {
    const value = parseDecimal(this.text(index));
    if (value === null) throw new CommandError(NOT_A_FLOAT);
    return value;
  }

  from(index: number): readonly string[] {
    return this.values.slice(index);
  }

  /** The arguments from `index` on, two by two; null when one is left over. */
  pairsFrom(index: number): readonly (readonly [string, string])[] | null {
    if ((this.count - index) % 2 !== 0) return null;
    const pairs: [string, string][] = [];
    for (let i = index; i < this.count; i += 2) pairs.push([this.text(i), this.text(i + 1)]);
    return pairs;
  }
}
