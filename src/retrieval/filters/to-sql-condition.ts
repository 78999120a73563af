import type { Bound, Condition, MetadataFilter } from './metadata-filter.ts';

export interface SqlCondition {
  /** An expression that is 1 or 0, never NULL. */
  sql: string;
  /** To be bound to the parameter: every key and operand, as one JSON array. */
  operands: string;
}

const COMPARISONS: Record<Bound, string> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };

/**
 * The filter over a column that holds metadata as JSON. One parameter whatever the filter's size, because D1 takes 100;
 * nothing of the filter but its shape is in the SQL. `column` and `parameter` are the caller's own words.
 */
export function toSqlCondition(filter: MetadataFilter, column: string, parameter: string): SqlCondition {
  const operands: unknown[] = [];
  /** As SQL reads it back: a text, a number, or (for a list) JSON. */
  const bind = (operand: unknown) => `(${parameter} ->> ${operands.push(operand) - 1})`;

  function conditionOf(part: MetadataFilter): string {
    switch (part.op) {
      case 'and':
      case 'or':
        return `(${part.filters.map(conditionOf).join(part.op === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        return `NOT ${conditionOf(part.filter)}`;
      default:
        return `(${leafOf(part)})`;
    }
  }

  function leafOf(condition: Condition): string {
    // Allow-listed where the filter is read: letters, digits and _.
    const path = bind(`$.${condition.key}`);
    const type = `json_type(${column}, ${path})`;
    switch (condition.op) {
      // Compared as JSON texts, which differ by type as well as by value: 5, "5" and true are three.
      case 'eq':
        return `(${column} -> ${path}) IS ${bind(JSON.stringify(condition.value))}`;
      case 'ne':
        return `(${column} -> ${path}) IS NOT ${bind(JSON.stringify(condition.value))}`;
      case 'in':
      case 'nin': {
        const texts = bind(condition.values.map((value) => JSON.stringify(value)));
        const isAmong = `coalesce((${column} -> ${path}) IN (SELECT value FROM json_each(${texts})), 0)`;
        return condition.op === 'in' ? isAmong : `NOT ${isAmong}`;
      }
      case 'exists':
        return `${type} IS ${condition.value ? 'NOT ' : ''}NULL`;
      case 'contains': {
        const elements = `SELECT value FROM json_each(${column}, ${path})`;
        return `${type} IS 'array' AND ${bind(condition.value)} IN (${elements})`;
      }
      default: {
        const types = typeof condition.value === 'number' ? "('integer', 'real')" : "('text')";
        const value = bind(condition.value);
        return `coalesce(${type} IN ${types} AND (${column} ->> ${path}) ${COMPARISONS[condition.op]} ${value}, 0)`;
      }
    }
  }

  return { sql: conditionOf(filter), operands: JSON.stringify(operands) };
}
