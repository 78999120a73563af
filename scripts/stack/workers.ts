import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailure } from '../command.ts';
import { PROJECT_ROOT } from '../project.ts';
import { listProcesses } from './process-table.ts';
import { WRANGLER_CLI, wranglerEnvironment } from './wrangler.ts';

export interface Workers {
  /** Resolves when the Workers' process ends, whoever ended it. */
  exited: Promise<void>;
  /** Ends all of it at once, with no chance to finish anything. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorkersOptions {
  /** The first one is the Worker that answers on `port`. */
  configFiles: string[];
  /** Run as that first one, in place of its configuration's `main`. */
  entryFile: string | null;
  port: number;
  persistDir: string;
  /** For wrangler's own files; of no other stack. */
  scratchDir: string;
  logFile: string;
  variables: Record<string, string>;
}

const STOP_TIMEOUT_MS = 5_000;
const LIVE_TIMEOUT_MS = 120_000;
const LOG_TAIL_LINES = 30;

/** Runs the Workers in one `wrangler dev`, as a process group of its own: Ctrl-C reaches the owner alone, who stops it in order. */
export function startWorkers(options: WorkersOptions): Workers {
  const log = openSync(options.logFile, 'w');
  const child = spawn(
    process.execPath,
    [
      WRANGLER_CLI,
      'dev',
      ...(options.entryFile === null ? [] : [options.entryFile]),
      ...options.configFiles.flatMap((file) => ['-c', file]),
      ...['--port', String(options.port), '--ip', '127.0.0.1', '--inspector-port', '0'],
      ...['--persist-to', options.persistDir, '--log-level', 'error', '--show-interactive-dev-session=false'],
    ],
    {
      cwd: PROJECT_ROOT,
      detached: true,
      stdio: ['ignore', log, log],
      env: wranglerEnvironment(options.scratchDir, options.variables),
    },
  );
  closeSync(log);
  const exited = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => resolve());
  });
  const groupId = child.pid;
  if (groupId === undefined) return { exited, kill: async () => {}, stop: async () => {} };
  // Whatever ends this process short of SIGKILL, the group does not outlive it.
  const killGroup = () => signalGroup(groupId, 'SIGKILL');
  process.on('exit', killGroup);
  const end = async (timeoutMs: number) => {
    await endGroup(groupId, timeoutMs);
    process.off('exit', killGroup);
  };
  return { exited, kill: () => end(0), stop: () => end(STOP_TIMEOUT_MS) };
}

/** Waits until the API answers; fails with the log's tail when the Workers end first. */
export async function waitUntilLive(
  url: string,
  workers: Workers,
  logFile: string,
  signal: AbortSignal,
): Promise<void> {
  let hasExited = false;
  void workers.exited.then(() => {
    hasExited = true;
  });
  const giveUpAt = performance.now() + LIVE_TIMEOUT_MS;
  while (!(await isLive(url))) {
    signal.throwIfAborted();
    if (hasExited) throw new CommandFailure(`The Workers did not start. The end of ${logFile}:\n${logTail(logFile)}`);
    if (performance.now() > giveUpAt) {
      throw new CommandFailure(
        `The Workers gave no answer in ${LIVE_TIMEOUT_MS / 1000} s. The end of ${logFile}:\n${logTail(logFile)}`,
      );
    }
    await sleep(100, undefined, { signal });
  }
}

/** The last lines of the Workers' log. */
export function logTail(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}

async function isLive(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Asks the group to end, and kills what is left of it after the time. */
async function endGroup(groupId: number, timeoutMs: number): Promise<void> {
  signalGroup(groupId, timeoutMs > 0 ? 'SIGTERM' : 'SIGKILL');
  const killAt = performance.now() + timeoutMs;
  while (listProcesses().some((entry) => entry.groupId === groupId)) {
    if (performance.now() > killAt) signalGroup(groupId, 'SIGKILL');
    await sleep(50);
  }
}

function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch {
    // Nobody is left in the group.
  }
}
