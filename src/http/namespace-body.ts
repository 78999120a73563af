import * as z from 'zod';

const quota = z
  .number()
  .int()
  .min(1)
  .max(Number.MAX_SAFE_INTEGER)
  .nullable()
  .optional()
  .meta({ description: '`null`: no limit. Left out: what this deployment sets.' });

/** Settings of a namespace. What is left out stays as it is. */
export const namespaceBody = z
  .strictObject({
    quotas: z
      .strictObject({ documents: quota, chunks: quota, bytes: quota })
      .optional()
      .meta({ description: 'Replaces all three.' }),
  })
  .meta({ id: 'NamespaceInput' });
