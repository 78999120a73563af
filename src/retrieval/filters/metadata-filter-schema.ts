import * as z from 'zod';
import { metadataKey } from '../metadata-schema.ts';
import { BOUNDS, type MetadataFilter } from './metadata-filter.ts';

const key = metadataKey;
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A filter that was stored as JSON. */
export const metadataFilterSchema: z.ZodType<MetadataFilter> = z.lazy(() =>
  z.discriminatedUnion('op', [
    z.object({ op: z.enum(['eq', 'ne']), key, value: scalar }),
    z.object({ op: z.enum(['in', 'nin']), key, values: z.array(scalar) }),
    z.object({ op: z.enum(BOUNDS), key, value: z.union([z.string(), z.number()]) }),
    z.object({ op: z.literal('exists'), key, value: z.boolean() }),
    z.object({ op: z.literal('contains'), key, value: z.string() }),
    z.object({ op: z.enum(['and', 'or']), filters: z.array(metadataFilterSchema) }),
    z.object({ op: z.literal('not'), filter: metadataFilterSchema }),
  ]),
);
