import { metadataProperty } from './filterable-metadata.ts';
import { impliedFilter } from './implied-filter.ts';
import type { Bound, MetadataFilter, PositiveCondition, PositiveFilter, Scalar } from './metadata-filter.ts';

// How a quote is escaped inside a string is documented nowhere: what is more than this stays out of the filter's text.
const SAFE_TEXT = /^[A-Za-z0-9 _.:/@-]+$/;
// Nor are exponents.
const PLAIN_NUMBER = /^-?\d+(?:\.\d+)?$/;

const COMPARISONS: Record<Bound, string> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };

export interface UpstashFilter {
  text: string;
  /** False when the filter says more than the text: the caller asks for more than it needs, and filters. */
  isWhole: boolean;
}

/**
 * What Upstash can be told, in its grammar (https://upstash.com/docs/vector/features/filtering): a condition that holds
 * for every match of the filter, or `null`. Made of allow-listed keys and literals; nothing else is ever written into it.
 */
export function toUpstashFilter(filter: MetadataFilter): UpstashFilter | null {
  const implied = impliedFilter(filter, canSend);
  return implied === null ? null : { text: textOf(implied.filter), isWhole: implied.isWhole };
}

function canSend(condition: PositiveCondition): boolean {
  switch (condition.op) {
    case 'exists':
      return true;
    case 'eq':
    case 'contains':
      return isPlain(condition.value);
    case 'in':
      return condition.values.every(isPlain);
    default:
      // Ordering is documented for numbers alone.
      return typeof condition.value === 'number' && isPlain(condition.value);
  }
}

function isPlain(value: Scalar): boolean {
  if (typeof value === 'boolean') return true;
  return typeof value === 'number' ? PLAIN_NUMBER.test(String(value)) : SAFE_TEXT.test(value);
}

function textOf(filter: PositiveFilter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return `(${filter.filters.map(textOf).join(filter.op === 'and' ? ' AND ' : ' OR ')})`;
    case 'eq':
      return `${metadataProperty(filter.key)} = ${literal(filter.value)}`;
    case 'in':
      return `${metadataProperty(filter.key)} IN (${filter.values.map(literal).join(', ')})`;
    case 'exists':
      return `HAS ${filter.value ? '' : 'NOT '}FIELD ${metadataProperty(filter.key)}`;
    case 'contains':
      return `${metadataProperty(filter.key)} CONTAINS ${literal(filter.value)}`;
    default:
      return `${metadataProperty(filter.key)} ${COMPARISONS[filter.op]} ${literal(filter.value)}`;
  }
}

function literal(value: Scalar): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
