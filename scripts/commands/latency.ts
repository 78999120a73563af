import type { ControlClient } from '../../local/control/control-client.ts';
import type { CloudState } from '../../local/control/control-schema.ts';
import { type LatencyProfile, latencyProfileSchema } from '../../local/faults/latency-profile.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { parseDurationMs } from '../duration.ts';
import { CONTROL_OPTIONS, checkedTarget, controlLocalCloud } from '../local-control.ts';

export const latencyCommand = defineCommand({
  name: 'latency',
  summary: `Make a part of the local cloud as slow as the real one.
One time is a fixed latency; three are the p50, p95 and p99 of a distribution.`,
  arguments: 'TARGET TIME | TARGET P50 P95 P99 | list | clear [TARGET]',
  options: CONTROL_OPTIONS,
  examples: [
    'npm run latency -- vectorize 20ms 80ms 200ms',
    'npm run latency -- redis 5ms',
    'npm run latency -- clear',
  ],
  run: async ({ options, positionals, output }) => {
    const order = readOrder(positionals);
    await controlLocalCloud(options, output, order);
    return EXIT.ok;
  },
});

function readOrder(positionals: string[]): (client: ControlClient) => Promise<CloudState> {
  const [first, ...rest] = positionals;
  if (first === undefined) throw new UsageError('give TARGET and its latency, list, or clear [TARGET]');
  if (first === 'list' && rest.length === 0) return (client) => client.state();
  if (first === 'clear' && rest.length <= 1) {
    const target = rest[0] === undefined ? undefined : checkedTarget(rest[0]);
    return (client) => client.clearLatency(target);
  }
  const target = checkedTarget(first);
  const profile = readProfile(rest.map(parseDurationMs));
  return (client) => client.setLatency({ target, profile });
}

function readProfile(times: number[]): LatencyProfile {
  const [first, p95Ms, p99Ms] = times;
  if (times.length !== 1 && times.length !== 3) throw new UsageError('give one time, or three: p50, p95 and p99');
  const profile = latencyProfileSchema.safeParse(
    times.length === 1 ? { kind: 'fixed', ms: first } : { kind: 'log-normal', p50Ms: first, p95Ms, p99Ms },
  );
  if (profile.success) return profile.data;
  throw new UsageError(profile.error.issues.map(({ message }) => message).join('; '));
}
