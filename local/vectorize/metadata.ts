import * as z from 'zod';
import { byteLength, MAX_INDEXED_BYTES, MAX_KEY_CHARACTERS } from './limits.ts';

export const metadataKeySchema = z
  .string()
  .min(1)
  .max(MAX_KEY_CHARACTERS)
  .regex(/^[^$".|][^".|]*$/, 'keys may not start with $ nor contain ", . or |');

const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** As the binding's types have it: one nested level, no null. */
export const metadataSchema = z.record(
  metadataKeySchema,
  z.union([valueSchema, z.record(metadataKeySchema, valueSchema)]),
);
export type Metadata = z.infer<typeof metadataSchema>;

export const INDEX_TYPES = ['string', 'number', 'boolean'] as const;
export interface MetadataIndex {
  /** Dots address nested keys. */
  property: string;
  type: (typeof INDEX_TYPES)[number];
}

/** What filters and `returnMetadata: 'indexed'` see of a vector, by property. */
export const indexedValuesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type IndexedValues = z.infer<typeof indexedValuesSchema>;

/** The values the indexes existing now take from a vector; a value of another type than its index is left out. */
export function indexedValues(metadata: Metadata, indexes: MetadataIndex[]): IndexedValues {
  const values: IndexedValues = {};
  for (const { property, type } of indexes) {
    const value = valueAt(metadata, property);
    if (typeof value !== type) continue;
    if (typeof value === 'string') values[property] = cutToIndexed(value);
    else if (typeof value === 'number' || typeof value === 'boolean') values[property] = value;
  }
  return values;
}

/** The text's first 64 bytes, cut on a UTF-8 boundary. */
export function cutToIndexed(text: string): string {
  if (byteLength(text) <= MAX_INDEXED_BYTES) return text;
  const cut = new Uint8Array(MAX_INDEXED_BYTES);
  const { written } = new TextEncoder().encodeInto(text, cut);
  return new TextDecoder().decode(cut.subarray(0, written));
}

/** Indexed values in the shape of the metadata they were taken from. */
export function asMetadata(values: IndexedValues): Metadata {
  const metadata: Record<string, Metadata[string]> = {};
  for (const [property, value] of Object.entries(values)) {
    const [key = property, nestedKey] = property.split('.');
    if (nestedKey === undefined) metadata[key] = value;
    else metadata[key] = { ...nestedIn(metadata, key), [nestedKey]: value };
  }
  return metadata;
}

function valueAt(metadata: Metadata, property: string): unknown {
  const [key = property, nestedKey] = property.split('.');
  return nestedKey === undefined ? metadata[key] : nestedIn(metadata, key)[nestedKey];
}

function nestedIn(metadata: Metadata, key: string) {
  const value = metadata[key];
  return typeof value === 'object' && !Array.isArray(value) ? value : {};
}
