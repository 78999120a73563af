import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import {
  descendantsOf,
  listProcesses,
  type ProcessEntry,
  type ProcessRecord,
  stillRunning,
} from '../../scripts/stack/process-table.ts';
import { findRunningStack, type StackRecord } from '../../scripts/stack/stack-record.ts';

const LAUNCHER = join(import.meta.dirname, '../../scripts/vigil.mjs');
const WATCH_EVERY_MS = 50;
const PRINTS_WITHIN_MS = 100_000;

/** Someone's machine with an empty home, on which `vigil` commands are typed. */
export interface Machine {
  run(...argv: string[]): VigilCommand;
  /** `vigil start --json`, once it has answered its question; on any free port unless the arguments say otherwise. */
  start(stateDir: string, ...argv: string[]): Promise<StartedVigil>;
  /** A path for a state folder that does not exist yet. */
  newState(): string;
  /** What was written to the home and to the folder for temporary files. */
  litter(): string[];
  /** Ends whatever still runs, and deletes everything. */
  scrap(): void;
}

export interface VigilCommand {
  pid: number;
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code as a shell gives it, and with nothing of the output left to come. */
  exited: Promise<number>;
  /** Resolves when standard output holds the text; rejects with the whole output when it never does. */
  printed(text: string): Promise<void>;
  /** Everything it was seen to start, and itself, as far as it still runs. */
  running(): ProcessEntry[];
  /** Ctrl-C, as a terminal does it: to every process of the foreground group. */
  interrupt(): void;
}

export interface StartedVigil {
  command: VigilCommand;
  url: string;
  key: string;
  /** From the command to the first answered request. */
  listeningAfterMs: number;
  record: StackRecord;
  loaded: z.infer<typeof loadedEvent>;
}

const listeningEvent = z.object({ event: z.literal('listening'), url: z.string(), key: z.string() });
const loadedEvent = z.object({
  event: z.literal('loaded'),
  created: z.number(),
  unchanged: z.number(),
  failed: z.array(z.unknown()),
});

export function createMachine(): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-machine-'));
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')];
  for (const path of [home, temporary]) mkdirSync(path);
  const commands: VigilCommand[] = [];
  let states = 0;

  function run(...argv: string[]): VigilCommand {
    const env = { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: temporary };
    const command = runVigil(argv, env);
    commands.push(command);
    return command;
  }

  return {
    run,
    async start(stateDir, ...argv) {
      const startedMs = performance.now();
      const command = run('start', '--json', '--port', '0', '--state', stateDir, ...argv);
      await command.printed('"event":"listening"');
      const listeningAfterMs = performance.now() - startedMs;
      await command.printed('"event":"answered"');
      const events = command
        .stdout()
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
      const { url, key } = listeningEvent.parse(events[0]);
      const record = findRunningStack(stateDir);
      if (record === null) throw new Error('the stack that runs has no record');
      return { command, url, key, listeningAfterMs, record, loaded: loadedEvent.parse(events[1]) };
    },
    newState: () => join(folder, `state-${++states}`),
    litter: () => [home, temporary].flatMap((path) => readdirSync(path, { recursive: true, encoding: 'utf8' })),
    scrap() {
      for (const command of commands) kill(command.running());
      rmSync(folder, { recursive: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** `kill -9`, to all of them before any can notice. */
export function kill(processes: ProcessRecord[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself since it was seen.
    }
  }
}

function runVigil(argv: string[], env: Record<string, string>): VigilCommand {
  const child = spawn(process.execPath, [LAUNCHER, ...argv], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the command did not start');
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
  });

  // An orphan is nobody's descendant any more: the family is looked at while it is together.
  const family = new Map<number, ProcessRecord>();
  const meet = () => {
    const table = listProcesses();
    const known =
      family.size === 0 ? table.filter((entry) => entry.pid === pid) : stillRunning([...family.values()], table);
    const all = known.flatMap((member) => [member, ...descendantsOf(member.pid, table)]);
    for (const entry of all) family.set(entry.pid, entry);
  };
  const watching = setInterval(meet, WATCH_EVERY_MS);

  let hasEnded = false;
  const exited = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      hasEnded = true;
      clearInterval(watching);
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });

  return {
    pid,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    exited,
    async printed(wanted) {
      const giveUpAt = performance.now() + PRINTS_WITHIN_MS;
      while (!text.stdout.includes(wanted)) {
        if (hasEnded || performance.now() > giveUpAt) {
          throw new Error(`vigil ${argv.join(' ')} did not print ${wanted}:\n${text.stdout}\n${text.stderr}`);
        }
        await sleep(WATCH_EVERY_MS);
      }
    },
    running() {
      meet();
      return stillRunning([...family.values()], listProcesses());
    },
    interrupt: () => void process.kill(-pid, 'SIGINT'),
  };
}
