import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { PROJECT_ROOT } from './project.ts';

const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a program on this terminal, passes signals on to it, and answers with its exit code. */
export function runProcess(program: string, argv: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { cwd: PROJECT_ROOT, env, stdio: 'inherit' });
    const forward = (signal: NodeJS.Signals) => void child.kill(signal);
    for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const forwarded of FORWARDED_SIGNALS) process.off(forwarded, forward);
      resolve(exitCodeOf(code, signal));
    });
  });
}

/** Runs a program and keeps what it prints, for showing only when it fails. */
export function captureProcess(
  program: string,
  argv: string[],
  options: { env?: NodeJS.ProcessEnv } = {},
): Promise<{ exitCode: number; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { cwd: PROJECT_ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let text = '';
    const keep = (chunk: Buffer) => {
      text += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ exitCode: exitCodeOf(code, signal), text }));
  });
}

/** A process ended by a signal counts as a shell counts it: 128 and the signal's number. */
function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal !== null) return 128 + constants.signals[signal];
  return code ?? 1;
}
