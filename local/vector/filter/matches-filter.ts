import type { ComparisonOperator, Filter, Literal } from './filter-ast.ts';
import { matchesGlob } from './glob-pattern.ts';
import { type MetadataPath, valueAt } from './metadata-path.ts';

/**
 * Whether metadata satisfies a filter. The documentation speaks of keys "whose value" does or does not match, so an
 * absent key, `null`, or a value of a kind the operator does not apply to satisfies no condition, negated or not;
 * only HAS NOT FIELD asks for absence. Inferred where the documentation is silent.
 */
export function matchesFilter(filter: Filter, metadata: unknown): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.operands.every((operand) => matchesFilter(operand, metadata));
    case 'or':
      return filter.operands.some((operand) => matchesFilter(operand, metadata));
    case 'has-field':
      return filter.negated === (valueAt(metadata, filter.path) === undefined);
    case 'compare':
      return compares(scalarAt(metadata, filter.path), filter.operator, filter.literal);
    case 'glob': {
      const value = valueAt(metadata, filter.path);
      return typeof value === 'string' && filter.negated !== matchesGlob(filter.pattern, value);
    }
    case 'in': {
      const value = scalarAt(metadata, filter.path);
      return value !== undefined && filter.negated !== filter.literals.some((literal) => isEqual(value, literal));
    }
    case 'contains': {
      const value = valueAt(metadata, filter.path);
      return Array.isArray(value) && filter.negated !== value.some((element) => isEqual(element, filter.literal));
    }
  }
}

function compares(value: Literal | undefined, operator: ComparisonOperator, literal: Literal): boolean {
  if (value === undefined) return false;
  if (operator === '=') return isEqual(value, literal);
  if (operator === '!=') return !isEqual(value, literal);
  if (typeof value !== 'number' || typeof literal !== 'number') return false;
  switch (operator) {
    case '<':
      return value < literal;
    case '<=':
      return value <= literal;
    case '>':
      return value > literal;
    case '>=':
      return value >= literal;
  }
}

/** Boolean literals are documented as 1 and 0, although the examples write true and false: both are understood. */
function isEqual(value: unknown, literal: Literal): boolean {
  if (typeof value === 'boolean' && typeof literal === 'number') return Number(value) === literal;
  return value === literal;
}

function scalarAt(metadata: unknown, path: MetadataPath): Literal | undefined {
  const value = valueAt(metadata, path);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
