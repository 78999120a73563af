import * as z from 'zod';
import { byteLength, MAX_FILTER_BYTES, MAX_KEY_CHARACTERS } from './limits.ts';
import { cutToIndexed, type IndexedValues, metadataKeySchema } from './metadata.ts';

type Scalar = string | number | boolean | null;

const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const scalarsSchema = z.array(scalarSchema);
const boundSchema = z.union([z.string(), z.number()]);

const LOWER_BOUNDS = ['$gt', '$gte'];
const UPPER_BOUNDS = ['$lt', '$lte'];

const operatorsSchema = z
  .strictObject({
    $eq: scalarSchema,
    $ne: scalarSchema,
    $in: scalarsSchema,
    $nin: scalarsSchema,
    $lt: boundSchema,
    $lte: boundSchema,
    $gt: boundSchema,
    $gte: boundSchema,
  })
  .partial()
  .refine(isOneOperatorOrRange, 'one operator, or one lower and one upper bound');
type Operators = z.infer<typeof operatorsSchema>;

const propertySchema = z
  .string()
  .max(MAX_KEY_CHARACTERS)
  .refine((property) => property.split('.').every((key) => metadataKeySchema.safeParse(key).success), 'invalid key');

/** https://developers.cloudflare.com/vectorize/reference/metadata-filtering/ */
export const metadataFilterSchema = z
  .record(propertySchema, z.union([scalarSchema, operatorsSchema]))
  .refine((filter) => Object.keys(filter).length > 0, 'a filter may not be empty')
  .refine(
    (filter) => byteLength(JSON.stringify(filter)) < MAX_FILTER_BYTES,
    `a filter must be shorter than ${MAX_FILTER_BYTES} bytes`,
  );
export type MetadataFilter = z.infer<typeof metadataFilterSchema>;

/** Whether every property meets its conditions. One without an indexed value counts as null (inferred). */
export function matchesFilter(filter: MetadataFilter, values: IndexedValues): boolean {
  return Object.entries(filter).every(([property, condition]) => {
    const operators = condition !== null && typeof condition === 'object' ? condition : { $eq: condition };
    return meets(Object.hasOwn(values, property) ? (values[property] ?? null) : null, operators);
  });
}

function meets(value: Scalar, { $eq, $ne, $in, $nin, $lt, $lte, $gt, $gte }: Operators): boolean {
  if ($eq !== undefined && !equal(value, $eq)) return false;
  if ($ne !== undefined && equal(value, $ne)) return false;
  if ($in && !$in.some((each) => equal(value, each))) return false;
  if ($nin?.some((each) => equal(value, each))) return false;
  if ($lt !== undefined && !(order(value, $lt) < 0)) return false;
  if ($lte !== undefined && !(order(value, $lte) <= 0)) return false;
  if ($gt !== undefined && !(order(value, $gt) > 0)) return false;
  return $gte === undefined || order(value, $gte) >= 0;
}

function equal(value: Scalar, operand: Scalar): boolean {
  return value === comparable(operand);
}

/** NaN, which is neither before nor after, when the types differ. */
function order(value: Scalar, bound: string | number): number {
  if (typeof value === 'number' && typeof bound === 'number') return value - bound;
  if (typeof value !== 'string' || typeof bound !== 'string') return Number.NaN;
  return Buffer.compare(Buffer.from(value), Buffer.from(cutToIndexed(bound)));
}

// Only the first 64 bytes of a string are indexed, so that is all there is to compare with.
function comparable(operand: Scalar): Scalar {
  return typeof operand === 'string' ? cutToIndexed(operand) : operand;
}

function isOneOperatorOrRange(operators: object): boolean {
  const names = Object.keys(operators);
  if (names.length === 1) return true;
  if (names.length !== 2) return false;
  return names.some((name) => LOWER_BOUNDS.includes(name)) && names.some((name) => UPPER_BOUNDS.includes(name));
}
