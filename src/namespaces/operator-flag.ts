import * as z from 'zod';

export const operatorFlagState = z.enum(['isolated', 'released']);

const flag = z.object({
  state: operatorFlagState,
  changedAtMs: z.number(),
  /** The id part of the key that gave the order. */
  changedBy: z.string(),
});

/** An operator's last order for a dependency. */
export type OperatorFlag = z.infer<typeof flag>;

/** By the dependency's name. */
export type OperatorFlags = Readonly<Record<string, OperatorFlag>>;

const VERSION = 1;

const copy = z.object({
  v: z.literal(VERSION),
  /** When it was last compared with the database. */
  checkedAtMs: z.number(),
  flags: z.record(z.string(), flag),
});

export interface FlagsCopy {
  checkedAtMs: number;
  flags: OperatorFlags;
}

/** The newer order of each dependency, so that copies that meet only ever get better. */
export function mergeFlags(a: OperatorFlags, b: OperatorFlags): OperatorFlags {
  const merged: Record<string, OperatorFlag> = { ...a };
  for (const [dependency, order] of Object.entries(b)) {
    const known = merged[dependency];
    if (known === undefined || order.changedAtMs > known.changedAtMs) merged[dependency] = order;
  }
  return merged;
}

/** Whether `a` has an order that `b` has not heard of. */
export function isAhead(a: OperatorFlags, b: OperatorFlags): boolean {
  return Object.entries(a).some(([dependency, order]) => order.changedAtMs > (b[dependency]?.changedAtMs ?? 0));
}

export function encodeFlags({ checkedAtMs, flags }: FlagsCopy): string {
  // Stored values are ASCII, and names and key ids are.
  return JSON.stringify({ v: VERSION, checkedAtMs, flags } satisfies z.infer<typeof copy>);
}

/** `null` for nothing, and for what another version wrote. */
export function decodeFlags(text: string | null): FlagsCopy | null {
  if (text === null) return null;
  try {
    const parsed = copy.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
