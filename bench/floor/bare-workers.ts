import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure } from '../../scripts/command.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { freePort } from '../../scripts/stack/free-port.ts';
import { startWorkers, waitUntilLive } from '../../scripts/stack/workers.ts';

/** Workers of the bench's own: each does one thing less than the one before it. */
export const BARE_WORKERS = ['limit-and-match', 'match'] as const;
export type BareWorker = (typeof BARE_WORKERS)[number];

export interface RunningBareWorker {
  url: string;
  stop(): Promise<void>;
}

/** Runs it as the stack runs Vigil's Workers, and gives it the bytes to answer with. */
export async function startBareWorker(
  name: BareWorker,
  { stateDir, bytes, signal }: { stateDir: string; bytes: Buffer<ArrayBuffer>; signal: AbortSignal },
): Promise<RunningBareWorker> {
  const folder = join(stateDir, name);
  rmSync(folder, { recursive: true, force: true });
  const scratchDir = join(folder, 'scratch');
  mkdirSync(scratchDir, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(folder, 'workers.log');
  const workers = startWorkers({
    configFiles: [join(PROJECT_ROOT, 'bench', 'floor', `${name}.wrangler.toml`)],
    entryFile: null,
    ...{ port, persistDir: join(folder, 'workers'), scratchDir, logFile, variables: {} },
  });
  try {
    await waitUntilLive(url, workers, logFile, signal);
    const kept = await fetch(url, { method: 'PUT', body: bytes, signal });
    if (kept.status !== 204) throw new CommandFailure(`The Worker ${name} did not keep the bytes: ${kept.status}.`);
    return { url, stop: workers.stop };
  } catch (error) {
    await workers.stop();
    throw error;
  }
}
