import type { ControlClient } from '../../local/control/control-client.ts';
import type { CloudState } from '../../local/control/control-schema.ts';
import { FAULT_MODES, SERVICE_NAMES, STREAM_FAULT_MODES, STREAMING_SERVICES } from '../../local/faults/fault.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { parseDurationMs } from '../duration.ts';
import { CONTROL_OPTIONS, checkedTarget, controlLocalCloud } from '../local-control.ts';

export const faultCommand = defineCommand({
  name: 'fault',
  summary: `Break a part of the local cloud, or mend it.
A target is SERVICE[:INSTANCE][/OPERATION]; services: ${SERVICE_NAMES.join(', ')}. Modes: ${FAULT_MODES.join(', ')};
for the streams of ${STREAMING_SERVICES.join(' and ')} also ${STREAM_FAULT_MODES.join(', ')}.`,
  arguments: 'TARGET MODE [--for TIME] | list | clear [TARGET]',
  options: {
    for: { type: 'string', value: 'TIME', description: 'mend it by itself after this long (default: until cleared)' },
    seed: { type: 'string', value: 'NUMBER', description: 'for the mode flapping, and for a share' },
    factor: { type: 'string', value: 'NUMBER', description: 'for the mode slow: so many times slower' },
    add: { type: 'string', value: 'TIME', description: 'for the mode slow: so much slower' },
    share: { type: 'string', value: 'NUMBER', description: 'of the calls, how many meet it: 0.2' },
    ...CONTROL_OPTIONS,
  },
  examples: [
    'npm run fault -- vectorize hang --for 30s',
    'npm run fault -- vectorize:primary/query slow --add 2s',
    'npm run fault -- clear',
  ],
  run: async ({ options, positionals, output }) => {
    const order = readOrder(positionals, options);
    await controlLocalCloud(options, output, order);
    return EXIT.ok;
  },
});

interface FaultDetails {
  for: string | null;
  seed: string | null;
  factor: string | null;
  add: string | null;
  share: string | null;
}

function readOrder(positionals: string[], details: FaultDetails): (client: ControlClient) => Promise<CloudState> {
  const [first, second, ...rest] = positionals;
  if (first === undefined || rest.length > 0) throw new UsageError('give TARGET MODE, list, or clear [TARGET]');
  if (first === 'list' && second === undefined) return (client) => client.state();
  if (first === 'clear') {
    const target = second === undefined ? undefined : checkedTarget(second);
    return (client) => client.clearFaults(target);
  }
  const modes = [...FAULT_MODES, ...STREAM_FAULT_MODES];
  const mode = modes.find((candidate) => candidate === second);
  if (mode === undefined) throw new UsageError(`a mode is needed, one of ${modes.join(', ')}`);
  const fault = {
    target: checkedTarget(first),
    mode,
    forMs: details.for === null ? null : parseDurationMs(details.for),
    ...(details.seed !== null && { seed: parseNumber('seed', details.seed) }),
    ...(details.factor !== null && { factor: parseNumber('factor', details.factor) }),
    ...(details.add !== null && { addMs: parseDurationMs(details.add) }),
    ...(details.share !== null && { share: parseNumber('share', details.share) }),
  };
  return (client) => client.setFault(fault);
}

function parseNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`--${option} '${text}' is not a number`);
  return value;
}
