import { randomBytes } from 'node:crypto';

/** Nobody else's: what a contract suite writes begins with it. */
export function scratchName(): string {
  return `contract-${randomBytes(6).toString('hex')}`;
}
