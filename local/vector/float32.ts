/** The shortest decimal that still means this float32: 0.1, not 0.10000000149011612. The service prints floats so. */
export function shortestFloat32(value: number): number {
  const single = Math.fround(value);
  if (Number.isInteger(single)) return single;
  for (const digits of [6, 7, 8]) {
    const shorter = Number(single.toPrecision(digits));
    if (Math.fround(shorter) === single) return shorter;
  }
  return Number(single.toPrecision(9));
}
