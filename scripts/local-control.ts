import { type ControlClient, ControlError, createControlClient } from '../local/control/control-client.ts';
import type { CloudState } from '../local/control/control-schema.ts';
import type { LatencyProfile } from '../local/faults/latency-profile.ts';
import { parseTarget } from '../local/faults/target.ts';
import { CommandFailure, UsageError } from './command.ts';
import type { Output } from './output.ts';
import { JSON_OPTION, STATE_OPTION, stateDirectory } from './project.ts';
import { findRunningStack } from './stack/stack-record.ts';

/** The options of every command that controls the local cloud. */
export const CONTROL_OPTIONS = {
  'cloud-url': { type: 'string', value: 'URL', description: 'a local cloud (default: of the running local stack)' },
  state: STATE_OPTION,
  json: JSON_OPTION,
} as const;

interface ControlChoice {
  'cloud-url': string | null;
  state: string | null;
}

/** Carries out one order on the local cloud and prints what is in force after it. */
export async function controlLocalCloud(
  choice: ControlChoice,
  output: Output,
  order: (client: ControlClient) => Promise<CloudState>,
): Promise<void> {
  const url = choice['cloud-url'] ?? findRunningStack(stateDirectory(choice.state))?.cloudUrl ?? null;
  if (url === null) {
    throw new CommandFailure('No local cloud is running. Start it with `npm start` or `npm run local`.');
  }
  try {
    const state = await order(createControlClient(url));
    output.record(state);
    output.line(describeState(state));
  } catch (error) {
    if (error instanceof ControlError) throw new CommandFailure(error.message);
    throw error;
  }
}

/** A target as given on the command line, checked before it is sent. */
export function checkedTarget(text: string): string {
  const target = parseTarget(text);
  if (!target.ok) throw new UsageError(target.error);
  return text;
}

function describeState({ faults, latency }: CloudState): string {
  const lines = [
    ...faults.map(({ target, mode, remainingMs }) => `fault    ${target}  ${mode}  ${describeRemaining(remainingMs)}`),
    ...latency.map(({ target, profile }) => `latency  ${target}  ${describeProfile(profile)}`),
  ];
  return lines.length === 0 ? 'No faults, no added latency.' : lines.join('\n');
}

function describeRemaining(remainingMs: number | null): string {
  return remainingMs === null ? 'until cleared' : `for another ${Math.ceil(remainingMs / 1000)} s`;
}

function describeProfile(profile: LatencyProfile): string {
  if (profile.kind === 'fixed') return `${profile.ms} ms`;
  return `p50 ${profile.p50Ms} ms, p95 ${profile.p95Ms} ms, p99 ${profile.p99Ms} ms`;
}
