import type { Condition, MetadataFilter, PositiveCondition, PositiveFilter } from './metadata-filter.ts';

export interface ImpliedFilter {
  filter: PositiveFilter;
  /** False when the filter given says more than this one. */
  isWhole: boolean;
}

/**
 * The narrowest filter of conditions a store can be given that no match of the whole filter fails, or `null` when there
 * is none. What a store does with an absent key under `ne` or a negation is documented by no vendor, so only positive
 * conditions go to it; negative ones narrow little anyway.
 */
export function impliedFilter(
  filter: MetadataFilter,
  canSend: (condition: PositiveCondition) => boolean,
): ImpliedFilter | null {
  return imply(filter, false, canSend);
}

function imply(
  filter: MetadataFilter,
  isNegated: boolean,
  canSend: (condition: PositiveCondition) => boolean,
): ImpliedFilter | null {
  if (filter.op === 'not') return imply(filter.filter, !isNegated, canSend);
  if (filter.op === 'and' || filter.op === 'or') {
    const parts = filter.filters.map((each) => imply(each, isNegated, canSend));
    // De Morgan: the negation of an `or` is the `and` of the negations.
    const isConjunction = (filter.op === 'and') !== isNegated;
    return isConjunction ? conjunctionOf(parts) : disjunctionOf(parts);
  }
  const condition = isNegated ? positiveOpposite(filter) : positiveForm(filter);
  return condition !== null && canSend(condition) ? { filter: condition, isWhole: true } : null;
}

function conjunctionOf(parts: (ImpliedFilter | null)[]): ImpliedFilter | null {
  const known = parts.filter((part) => part !== null);
  const isWhole = known.length === parts.length && known.every((part) => part.isWhole);
  const filters = known.flatMap(({ filter }) => (filter.op === 'and' ? filter.filters : [filter]));
  const [first, ...rest] = filters;
  if (first === undefined) return null;
  return { filter: rest.length === 0 ? first : { op: 'and', filters }, isWhole };
}

/** Of alternatives, one that cannot be sent makes all of them useless. */
function disjunctionOf(parts: (ImpliedFilter | null)[]): ImpliedFilter | null {
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length) return null;
  const filters = known.flatMap(({ filter }) => (filter.op === 'or' ? filter.filters : [filter]));
  return { filter: { op: 'or', filters }, isWhole: known.every((part) => part.isWhole) };
}

function positiveForm(condition: Condition): PositiveCondition | null {
  return condition.op === 'ne' || condition.op === 'nin' ? null : condition;
}

function positiveOpposite(condition: Condition): PositiveCondition | null {
  switch (condition.op) {
    case 'ne':
      return { ...condition, op: 'eq' };
    case 'nin':
      return { ...condition, op: 'in' };
    case 'exists':
      return { ...condition, value: !condition.value };
    default:
      return null;
  }
}
