import * as z from 'zod';
import { metadataKey } from '../metadata-schema.ts';

export const INDEX_TYPES = ['string', 'number', 'boolean'] as const;
export type IndexType = (typeof INDEX_TYPES)[number];

/** The keys that Vectorize has metadata indexes of, and of which type. */
export type FilterableMetadata = ReadonlyMap<string, IndexType>;

// https://developers.cloudflare.com/vectorize/platform/limits/
const MAX_METADATA_INDEXES = 10;

const entry = z
  .string()
  .transform((text) => text.split(':'))
  .pipe(z.tuple([metadataKey, z.enum(INDEX_TYPES)], 'entries look like lang:string, year:number or draft:boolean'));

/** Entries like `lang:string`. */
export const filterableMetadata = z
  .array(entry)
  .max(MAX_METADATA_INDEXES, `Vectorize has at most ${MAX_METADATA_INDEXES} metadata indexes`)
  .refine((entries) => new Set(entries.map(([key]) => key)).size === entries.length, 'names a key twice')
  .transform((entries): FilterableMetadata => new Map(entries));

/** Where a vector store finds a document's metadata (`chunk-metadata.ts` nests it). */
export function metadataProperty(key: string): string {
  return `metadata.${key}`;
}
