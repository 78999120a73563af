import * as z from 'zod';

export const latencyProfileSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), ms: z.number().min(0) }),
  z
    .strictObject({
      kind: z.literal('log-normal'),
      p50Ms: z.number().positive(),
      p95Ms: z.number().positive(),
      p99Ms: z.number().positive(),
    })
    .refine(({ p50Ms, p95Ms, p99Ms }) => p50Ms <= p95Ms && p95Ms <= p99Ms, 'p50Ms ≤ p95Ms ≤ p99Ms must hold'),
]);
export type LatencyProfile = z.infer<typeof latencyProfileSchema>;

// Quantiles of the standard normal distribution.
const Z_95 = 1.6448536;
const Z_99 = 2.3263479;

/** One latency in milliseconds drawn from the profile. */
export function sampleLatencyMs(profile: LatencyProfile, random: () => number): number {
  if (profile.kind === 'fixed') return profile.ms;
  return Math.exp(logLatencyAt(standardNormal(random), profile));
}

// Two parameters cannot meet three measured points, so the log of the latency is linear in z on either side of the
// 95th percentile: all three points are met exactly, and with p99 on the line it is the plain log-normal.
function logLatencyAt(z: number, { p50Ms, p95Ms, p99Ms }: Extract<LatencyProfile, { kind: 'log-normal' }>): number {
  const bodySlope = Math.log(p95Ms / p50Ms) / Z_95;
  if (z <= Z_95) return Math.log(p50Ms) + z * bodySlope;
  const tailSlope = Math.log(p99Ms / p95Ms) / (Z_99 - Z_95);
  return Math.log(p95Ms) + (z - Z_95) * tailSlope;
}

function standardNormal(random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
