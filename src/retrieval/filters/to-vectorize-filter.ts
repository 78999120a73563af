import { type FilterableMetadata, metadataProperty } from './filterable-metadata.ts';
import { type ImpliedFilter, impliedFilter } from './implied-filter.ts';
import type { MetadataFilter, PositiveCondition, Scalar } from './metadata-filter.ts';

// https://developers.cloudflare.com/vectorize/reference/metadata-filtering/: "less than 2048 bytes".
const MAX_FILTER_BYTES = 2_047;

// Strings are indexed by their first 64 bytes, cut between characters, so at least 61 of a longer one count. What is
// shorter than that compares with the indexed part as it does with the whole.
const MAX_TEXT_BYTES = 60;

export type VectorizeFilter = Record<string, VectorizeOperators>;
type VectorizeOperators = { $eq: Scalar } | { $in: Scalar[] } | VectorizeRange;
interface VectorizeRange {
  $gt?: string | number;
  $gte?: string | number;
  $lt?: string | number;
  $lte?: string | number;
}

/**
 * What Vectorize can be told: one condition a key that holds for every match of the filter, all of them required.
 * `null` when that is nothing; the caller applies the filter itself to what it gets.
 */
export function toVectorizeFilter(filter: MetadataFilter, filterable: FilterableMetadata): VectorizeFilter | null {
  const implied = impliedFilter(filter, (condition) => canSend(condition, filterable));
  if (implied === null) return null;
  let sent: VectorizeFilter = {};
  for (const condition of narrowestFirst(requiredConditions(implied))) {
    const property = metadataProperty(condition.key);
    const operators = withCondition(sent[property], condition);
    if (operators === null) continue;
    const next = { ...sent, [property]: operators };
    if (byteLength(JSON.stringify(next)) <= MAX_FILTER_BYTES) sent = next;
  }
  return Object.keys(sent).length === 0 ? null : sent;
}

function canSend(condition: PositiveCondition, filterable: FilterableMetadata): boolean {
  const type = filterable.get(condition.key);
  switch (condition.op) {
    case 'exists':
    case 'contains':
      return false;
    case 'eq':
      return isIndexedWhole(condition.value, type);
    case 'in':
      return condition.values.every((value) => isIndexedWhole(value, type));
    default:
      // The order of strings is documented as lexicographic; for ASCII that says it all.
      return isIndexedWhole(condition.value, type) && (typeof condition.value === 'number' || isAscii(condition.value));
  }
}

/** A value of another type than its index is in no index, and no filter on it finds anything. */
function isIndexedWhole(value: Scalar, type: string | undefined): boolean {
  return typeof value === type && (typeof value !== 'string' || byteLength(value) <= MAX_TEXT_BYTES);
}

/** There is no `or`: of alternatives nothing is required. */
function requiredConditions({ filter }: ImpliedFilter): PositiveCondition[] {
  if (filter.op === 'or') return [];
  if (filter.op !== 'and') return [filter];
  return filter.filters.flatMap((each) => (each.op === 'and' || each.op === 'or' ? [] : [each]));
}

function narrowestFirst(conditions: PositiveCondition[]): PositiveCondition[] {
  const rank = ({ op }: PositiveCondition) => (op === 'eq' ? 0 : op === 'in' ? 1 : 2);
  return conditions.toSorted((a, b) => rank(a) - rank(b));
}

/** One equality, one set, or one lower and one upper bound for a key; `null` when the condition does not fit beside. */
function withCondition(
  present: VectorizeOperators | undefined,
  condition: PositiveCondition,
): VectorizeOperators | null {
  if (condition.op === 'eq') return present === undefined ? { $eq: condition.value } : null;
  if (condition.op === 'in') return present === undefined ? { $in: condition.values } : null;
  const range = present ?? {};
  if ('$eq' in range || '$in' in range) return null;
  switch (condition.op) {
    case 'gt':
      return hasLower(range) ? null : { ...range, $gt: condition.value };
    case 'gte':
      return hasLower(range) ? null : { ...range, $gte: condition.value };
    case 'lt':
      return hasUpper(range) ? null : { ...range, $lt: condition.value };
    case 'lte':
      return hasUpper(range) ? null : { ...range, $lte: condition.value };
    default:
      return null;
  }
}

function hasLower(range: VectorizeRange): boolean {
  return range.$gt !== undefined || range.$gte !== undefined;
}

function hasUpper(range: VectorizeRange): boolean {
  return range.$lt !== undefined || range.$lte !== undefined;
}

function isAscii(text: string): boolean {
  return byteLength(text) === text.length;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
