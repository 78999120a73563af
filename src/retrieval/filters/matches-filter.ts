import type { Metadata, MetadataValue } from '../passage.ts';
import type { Bound, Condition, MetadataFilter, Scalar } from './metadata-filter.ts';

/**
 * What a filter means; every store answers as this does.
 *
 * - A condition is true or false, never unknown: `ne`, `nin` and `not` are the exact opposites of `eq`, `in` and what
 *   they enclose, so they hold where the key is missing.
 * - Types never mix: the number 5, the text "5" and true equal nothing but themselves.
 * - Ranges compare numbers with numbers, and texts with texts by code point; any other value is in no range.
 * - A list equals no single value: `contains` asks whether a list has exactly that text among its own.
 * - `exists` asks for the key alone; "" and [] exist.
 */
export function matchesFilter(filter: MetadataFilter, metadata: Metadata): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every((each) => matchesFilter(each, metadata));
    case 'or':
      return filter.filters.some((each) => matchesFilter(each, metadata));
    case 'not':
      return !matchesFilter(filter.filter, metadata);
    default:
      return meets(filter, Object.hasOwn(metadata, filter.key) ? metadata[filter.key] : undefined);
  }
}

function meets(condition: Condition, value: MetadataValue | undefined): boolean {
  switch (condition.op) {
    case 'eq':
      return value === condition.value;
    case 'ne':
      return value !== condition.value;
    case 'in':
      return isAmong(value, condition.values);
    case 'nin':
      return !isAmong(value, condition.values);
    case 'exists':
      return (value !== undefined) === condition.value;
    case 'contains':
      return Array.isArray(value) && value.includes(condition.value);
    default:
      return isInRange(condition.op, compare(value, condition.value));
  }
}

function isAmong(value: MetadataValue | undefined, values: Scalar[]): boolean {
  return values.some((each) => each === value);
}

function isInRange(bound: Bound, order: number): boolean {
  switch (bound) {
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
  }
}

/** NaN, which is in no range, when the types differ. */
function compare(value: MetadataValue | undefined, operand: string | number): number {
  if (typeof value === 'number' && typeof operand === 'number') return value - operand;
  if (typeof value === 'string' && typeof operand === 'string') return compareByCodePoint(value, operand);
  return Number.NaN;
}

// JavaScript's own order is that of UTF-16 units, which puts emoji before U+E000; the databases compare UTF-8 bytes.
function compareByCodePoint(a: string, b: string): number {
  const bytesOfA = new TextEncoder().encode(a);
  const bytesOfB = new TextEncoder().encode(b);
  const shorter = Math.min(bytesOfA.length, bytesOfB.length);
  for (let i = 0; i < shorter; i++) {
    const difference = (bytesOfA[i] ?? 0) - (bytesOfB[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return bytesOfA.length - bytesOfB.length;
}
