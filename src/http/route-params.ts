import * as z from 'zod';
import { namespaceName } from '../namespaces/namespace-name.ts';

// For the OpenAPI document; handlers read the address through read-request.ts, which is stricter than a path template.
const namespace = namespaceName.meta({ description: '1 to 63 of a-z, 0-9, _ and -', example: 'docs' });

export const namespaceParams = z.object({ namespace });

export const documentParams = z.object({
  namespace,
  id: z.string().meta({
    minLength: 1,
    maxLength: 512,
    description:
      '1 to 512 bytes of UTF-8 without control characters and without empty, `.` or `..` segments; encode it with encodeURIComponent',
    example: 'guide%2Fstart.md',
  }),
});

export const ingestionParams = z.object({ namespace, id: z.string().meta({ example: '01K7ZQ4T9V8N6M2B5C3D1F0G7H' }) });
