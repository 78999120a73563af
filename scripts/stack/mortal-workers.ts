import { rmSync } from 'node:fs';
import { logTail, startWorkers, type Workers, type WorkersOptions, waitUntilLive } from './workers.ts';
import { registryPath } from './wrangler.ts';

/** The Workers of a stack, which may be killed and started again while what is behind them goes on. */
export interface MortalWorkers {
  /** Resolves with an explanation when they end by themselves, or by `stop`. */
  failed: Promise<string>;
  /** Starts them on the data they had; resolves when the API answers. */
  start(): Promise<void>;
  /** `kill -9` of wrangler and workerd at once: nothing is finished, nothing is told to anybody. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface MortalWorkersOptions extends WorkersOptions {
  url: string;
  signal: AbortSignal;
  /** Called when there are other processes than before. */
  onChange(): void;
}

export function createMortalWorkers(options: MortalWorkersOptions): MortalWorkers {
  const { url, signal, logFile, onChange } = options;
  const failure = Promise.withResolvers<string>();
  let current: Workers | null = null;
  return {
    failed: failure.promise,
    async start() {
      const workers = startWorkers(options);
      current = workers;
      onChange();
      void workers.exited.then(() => {
        if (current === workers) failure.resolve(`The Workers ended. The end of ${logFile}:\n${logTail(logFile)}`);
      });
      await waitUntilLive(url, workers, logFile, signal);
      onChange();
    },
    async kill() {
      const killed = current;
      current = null;
      await killed?.kill();
      // What died could not take its entry out, and would be sent the triggers of the sweep for a minute still.
      rmSync(registryPath(options.scratchDir), { recursive: true, force: true });
    },
    stop: async () => current?.stop(),
  };
}
