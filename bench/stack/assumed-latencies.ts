import type { ControlClient } from '../../local/control/control-client.ts';
import type { LatencyProfile } from '../../local/faults/latency-profile.ts';

/**
 * An assumption, not a measurement: how long the services behind Vigil take in production on a good day. A fault of the
 * mode `slow` is ten times this.
 */
export const ASSUMED_LATENCIES: Readonly<Record<string, LatencyProfile>> = {
  vectorize: logNormal(30, 60, 120),
  vector: logNormal(40, 80, 160),
  redis: logNormal(5, 15, 40),
  ai: logNormal(40, 90, 200),
  d1: logNormal(8, 20, 50),
  kv: logNormal(10, 30, 80),
};

export const PROFILE_NAME =
  'assumed production latencies (bench/stack/assumed-latencies.ts), log-normal, on the local cloud';

export async function assumeLatencies(control: Pick<ControlClient, 'setLatency'>): Promise<void> {
  for (const [target, profile] of Object.entries(ASSUMED_LATENCIES)) await control.setLatency({ target, profile });
}

function logNormal(p50Ms: number, p95Ms: number, p99Ms: number): LatencyProfile {
  return { kind: 'log-normal', p50Ms, p95Ms, p99Ms };
}
