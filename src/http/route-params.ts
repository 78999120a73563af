import * as z from 'zod';

// For the OpenAPI document; handlers read the address through read-request.ts, which is stricter than a path template.
const namespace = z.string().meta({ description: '1 to 63 of a-z, 0-9, _ and -', example: 'docs' });

export const namespaceParams = z.object({ namespace });

export const documentParams = z.object({
  namespace,
  id: z
    .string()
    .meta({ description: '1 to 512 bytes; encode it with encodeURIComponent', example: 'guide%2Fstart.md' }),
});
