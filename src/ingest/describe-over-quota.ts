import type { OverQuota } from '../catalog/quotas.ts';

/** What is told to whoever sent the document. */
export function describeOverQuota({ quota, limit, usage }: OverQuota): string {
  return `The namespace may hold ${limit} ${quota} and has ${usage}.`;
}
