import * as z from 'zod';

/**
 * An allow-list, because the name becomes part of a URL at Upstash Vector, whose client does not escape it
 * (`../reset` would wipe an index), and a namespace of at most 64 bytes at Vectorize.
 */
export const namespaceName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);
