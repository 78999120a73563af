const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const CANONICAL_INTEGER = /^(0|-?[1-9]\d{0,18})$/;

export function fitsInt64(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX;
}

/** A signed 64-bit integer in Redis's only accepted spelling (no sign `+`, no leading zero, no space), else null. */
export function parseInt64(text: string): bigint | null {
  if (!CANONICAL_INTEGER.test(text)) return null;
  const value = BigInt(text);
  return fitsInt64(value) ? value : null;
}
