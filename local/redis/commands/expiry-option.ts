import type { Arguments } from '../arguments.ts';
import { invalidExpiry } from '../error-texts.ts';
import { CommandError } from '../reply.ts';

export type ExpiryUnit = 'EX' | 'PX' | 'EXAT' | 'PXAT';

export function isExpiryUnit(word: string): word is ExpiryUnit {
  return word === 'EX' || word === 'PX' || word === 'EXAT' || word === 'PXAT';
}

/** The epoch milliseconds that `EX 10`, `PXAT 1700000000000` … mean; the amount stands at `index`. */
export function readExpiry(args: Arguments, index: number, unit: ExpiryUnit, nowMs: number, command: string): number {
  const amount = args.integer(index);
  if (amount <= 0n) throw new CommandError(invalidExpiry(command));
  return expiryInstant(amount, unit, nowMs, command);
}

export function expiryInstant(amount: bigint, unit: ExpiryUnit, nowMs: number, command: string): number {
  const amountMs = unit === 'EX' || unit === 'EXAT' ? amount * 1_000n : amount;
  const atMs = unit === 'EX' || unit === 'PX' ? amountMs + BigInt(nowMs) : amountMs;
  // Redis stops at the 64-bit range; the safe integers end 285,000 years from now and are what the database stores.
  if (!Number.isSafeInteger(Number(atMs))) throw new CommandError(invalidExpiry(command));
  return Number(atMs);
}
