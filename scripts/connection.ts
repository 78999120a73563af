import type { Connection } from './api-client.ts';
import { CommandFailure, UsageError } from './command.ts';
import { STATE_OPTION, stateDirectory } from './project.ts';
import { readLocalKey } from './stack/bootstrap-key.ts';
import { findRunningStack } from './stack/stack-record.ts';

/** The options of every command that talks to a Vigil; without any, to the local stack that is running. */
export const CONNECTION_OPTIONS = {
  url: { type: 'string', value: 'URL', description: 'a Vigil anywhere (default: the running local stack)' },
  key: { type: 'string', value: 'KEY', description: 'its API key (default: $VIGIL_KEY, else the local stack’s own)' },
  port: { type: 'string', value: 'PORT', description: 'a Vigil on this machine, by its port' },
  state: STATE_OPTION,
} as const;

interface ConnectionChoice {
  url: string | null;
  key: string | null;
  port: string | null;
  state: string | null;
}

/** Where to send requests and with which key; throws when there is nothing to talk to. */
export function resolveConnection(choice: ConnectionChoice): Connection {
  const stateDir = stateDirectory(choice.state);
  const url = chosenUrl(choice) ?? runningUrl(stateDir);
  // The local key goes to this machine only.
  const localKey = isLoopback(url) ? readLocalKey(stateDir) : null;
  const key = choice.key ?? process.env.VIGIL_KEY ?? localKey;
  if (key === null) throw new UsageError(`a key is needed for ${url}: give --key or set VIGIL_KEY`);
  return { url, key };
}

/** A port number as given on the command line. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new UsageError(`'${text}' is not a port`);
  return port;
}

/** `--namespace` has no sensible default: a wrong guess would mix documents. */
export function requiredNamespace(namespace: string | null): string {
  if (namespace === null) throw new UsageError('--namespace NAME is needed');
  return namespace;
}

function chosenUrl({ url, port }: ConnectionChoice): string | null {
  if (url !== null && port !== null) throw new UsageError('--url and --port exclude each other');
  if (port !== null) return `http://127.0.0.1:${parsePort(port)}`;
  if (url !== null && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new UsageError(`'${url}' is not an http(s) URL`);
  return url;
}

function runningUrl(stateDir: string): string {
  const url = findRunningStack(stateDir)?.url ?? null;
  if (url === null) {
    throw new CommandFailure(
      'No local stack is running. Start one with `npm start` in another terminal, or name a Vigil by --url and --key.',
    );
  }
  return url;
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}
