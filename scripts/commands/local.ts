import { PortInUseError } from '../../local/http-server.ts';
import { CommandFailure, defineCommand } from '../command.ts';
import { parsePort } from '../connection.ts';
import { aborted, watchForInterruption } from '../interruption.ts';
import { JSON_OPTION, STATE_OPTION, stateDirectory } from '../project.ts';
import { alreadyRunning, openLocalCloud, portsOf } from '../stack/local-stack.ts';
import { claimState, releaseState, updateRecord } from '../stack/stack-record.ts';

const PORT_OPTION = { type: 'string', value: 'PORT', default: '0' } as const;

export const localCommand = defineCommand({
  name: 'local',
  summary: 'Run the local cloud alone and print the environment a client needs; Ctrl-C stops it.',
  arguments: '[options]',
  options: {
    'cloud-port': {
      ...PORT_OPTION,
      description: 'of Workers AI, Vectorize and the control endpoint; 0 is any free one',
    },
    'redis-port': { ...PORT_OPTION, description: 'of Upstash Redis' },
    'vector-port': { ...PORT_OPTION, description: 'of Upstash Vector' },
    state: STATE_OPTION,
    json: JSON_OPTION,
  },
  examples: ['npm run local', 'npm run local -- --redis-port 8079'],
  run: async ({ options, output }) => {
    const ports = {
      cloud: parsePort(options['cloud-port']),
      redis: parsePort(options['redis-port']),
      vector: parsePort(options['vector-port']),
    };
    const stateDir = stateDirectory(options.state);
    const interruption = watchForInterruption();
    const claimed = await claimState(stateDir, null);
    if (!claimed.ok) throw new CommandFailure(alreadyRunning(claimed.error));
    try {
      const cloud = await openLocalCloud(stateDir, ports).catch(explainPort);
      updateRecord(stateDir, { ...claimed.value, cloudUrl: cloud.urls.cloud, ports: portsOf(null, cloud) });
      output.record(cloud.env);
      for (const [name, value] of Object.entries(cloud.env)) output.line(`${name}=${value}`);
      await aborted(interruption.signal);
      await cloud.close();
    } finally {
      releaseState(stateDir);
    }
    return interruption.exitCode();
  },
});

function explainPort(error: unknown): never {
  if (!(error instanceof PortInUseError)) throw error;
  throw new CommandFailure(
    `Port ${error.port} is already in use. Choose another: --cloud-port, --redis-port or --vector-port.`,
  );
}
