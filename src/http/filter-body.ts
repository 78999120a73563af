import * as z from 'zod';
import type { Condition, MetadataFilter } from '../retrieval/filters/metadata-filter.ts';
import { MAX_METADATA_TEXT_CHARACTERS, metadataKey, metadataText } from '../retrieval/metadata-schema.ts';
import { didYouMean } from './did-you-mean.ts';

// Each bound keeps a filter's SQL well within D1's limits: 100 levels of expression, 100 KB of statement.
const MAX_DEPTH = 8;
const MAX_CONDITIONS = 32;
const MAX_VALUES = 100;
const MAX_FILTER_BYTES = 16_384;
const MAX_ISSUES = 20;

const text = metadataText(MAX_METADATA_TEXT_CHARACTERS);
const scalar = z.union([text, z.number(), z.boolean()], 'takes a string, a number or a boolean');
const scalars = z
  .array(scalar, 'takes a list of strings, numbers or booleans')
  .min(1, 'is empty')
  .max(MAX_VALUES, `may list at most ${MAX_VALUES} values`);
const bound = z.union([text, z.number()], 'takes a number or a string');

const OPERANDS = {
  eq: scalar,
  ne: scalar,
  in: scalars,
  nin: scalars,
  gt: bound,
  gte: bound,
  lt: bound,
  lte: bound,
  exists: z.boolean('takes true or false'),
  contains: text,
};
type Operator = keyof typeof OPERANDS;
const OPERATORS = Object.keys(OPERANDS);
const COMBINATIONS = ['and', 'or', 'not'];

type Path = (string | number)[];

interface Reading {
  issues: { path: Path; message: string }[];
  conditions: number;
}

/** The filter of a request as its sender writes it: `{"lang": "en", "year": {"gte": 2020}}`. */
export const filterBody = z
  .unknown()
  .transform((wire, context): MetadataFilter => {
    const reading: Reading = { issues: [], conditions: 0 };
    const filter = readFilter(wire, [], 1, reading);
    if (reading.conditions > MAX_CONDITIONS) refuse(reading, [], `may have at most ${MAX_CONDITIONS} conditions`);
    // Only a filter of known depth: one nested ten thousand deep cannot be written out.
    if (reading.issues.length === 0 && byteLength(JSON.stringify(wire)) > MAX_FILTER_BYTES) {
      refuse(reading, [], `may have at most ${MAX_FILTER_BYTES} bytes as JSON`);
    }
    for (const { path, message } of reading.issues) context.addIssue({ code: 'custom', path, message });
    return filter ?? z.NEVER;
  })
  .meta({
    id: 'Filter',
    type: 'object',
    description:
      'Conditions on the documents’ metadata, all of which must hold. A key has a value to equal, or an object of ' +
      `operators: ${OPERATORS.join(', ')}. \`and\` and \`or\` take a list of filters, \`not\` one.`,
    examples: [{ lang: 'en', year: { gte: 2020 } }, { or: [{ tags: { contains: 'api' } }, { not: { draft: true } }] }],
  });

/** `null` after an issue was noted. */
function readFilter(wire: unknown, path: Path, depth: number, reading: Reading): MetadataFilter | null {
  if (!isObject(wire)) return refuse(reading, path, 'is no filter: write an object such as {"lang": "en"}');
  if (depth > MAX_DEPTH) return refuse(reading, path, `is nested more than ${MAX_DEPTH} deep`);
  const entries = Object.entries(wire);
  if (entries.length === 0) return refuse(reading, path, 'is empty: leave it out to search every document');
  return allOf(entries.map(([name, value]) => readEntry(name, value, [...path, name], depth, reading)));
}

function readEntry(name: string, value: unknown, path: Path, depth: number, reading: Reading): MetadataFilter | null {
  if (name === 'not') {
    const filter = readFilter(value, path, depth + 1, reading);
    return filter && { op: 'not', filter };
  }
  if (name === 'and' || name === 'or') {
    if (!Array.isArray(value)) return refuse(reading, path, 'takes a list of filters');
    if (value.length === 0) return refuse(reading, path, 'is empty');
    const filters = value.map((each, index) => readFilter(each, [...path, index], depth + 1, reading));
    return filters.some((each) => each === null)
      ? null
      : { op: name, filters: filters.filter((each) => each !== null) };
  }
  return readConditions(name, value, path, reading);
}

function readConditions(key: string, value: unknown, path: Path, reading: Reading): MetadataFilter | null {
  const parsedKey = metadataKey.safeParse(key);
  if (!parsedKey.success) return refuse(reading, path, withHint('is not a metadata key', key, COMBINATIONS));
  if (Array.isArray(value)) {
    const hint = didYouMean(key, COMBINATIONS);
    return refuse(reading, path, hint === null ? IS_LIST : `is a list; did you mean "${hint}"?`);
  }
  if (value === null) return refuse(reading, path, 'is null: write {"exists": false} for documents without the key');
  const operators = isObject(value) ? Object.entries(value) : [];
  if (isObject(value) && operators.length === 0) return refuse(reading, path, 'has no operator');
  if (!isObject(value)) return readCondition(key, 'eq', value, path, reading);
  return allOf(operators.map(([op, operand]) => readCondition(key, op, operand, [...path, op], reading)));
}

const IS_LIST = 'is a list: write {"in": […]} for any of the values, {"contains": "…"} for an element';

function readCondition(key: string, op: string, wire: unknown, path: Path, reading: Reading): Condition | null {
  reading.conditions += 1;
  if (!isOperator(op)) return refuse(reading, path, withHint('is not an operator', op, OPERATORS));
  const operand = OPERANDS[op].safeParse(wire);
  if (!operand.success) {
    for (const issue of operand.error.issues) refuse(reading, [...path, ...issue.path.map(String)], issue.message);
    return null;
  }
  // Each operator's schema gives the operand that its condition has.
  return (
    op === 'in' || op === 'nin' ? { op, key, values: operand.data } : { op, key, value: operand.data }
  ) as Condition;
}

function allOf(parts: (MetadataFilter | null)[]): MetadataFilter | null {
  const filters = parts.filter((part) => part !== null);
  const [first] = filters;
  if (first === undefined || filters.length < parts.length) return null;
  return filters.length === 1 ? first : { op: 'and', filters };
}

function refuse(reading: Reading, path: Path, message: string): null {
  if (reading.issues.length < MAX_ISSUES) reading.issues.push({ path, message });
  return null;
}

function byteLength(value: string): number {
  return new TextEncoder().encode(value).length;
}

function withHint(problem: string, given: string, known: string[]): string {
  const suggestion = didYouMean(given, known);
  return suggestion === null
    ? `${problem}; known are ${known.join(', ')}`
    : `${problem}; did you mean "${suggestion}"?`;
}

function isOperator(name: string): name is Operator {
  return Object.hasOwn(OPERANDS, name);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
