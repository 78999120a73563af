import { EXIT } from './command.ts';

export interface Interruption {
  /** Aborted by the first request to stop. */
  signal: AbortSignal;
  /** What to exit with once it is aborted. */
  exitCode(): number;
}

/**
 * Turns Ctrl-C, SIGTERM, a closed terminal and a killed launcher into one abort signal. Later ones change nothing: a
 * terminal's Ctrl-C arrives twice, once directly and once passed on by the launcher.
 */
export function watchForInterruption(): Interruption {
  const controller = new AbortController();
  let exitCode: number = EXIT.ok;
  const interrupt = (code: number) => {
    if (controller.signal.aborted) return;
    exitCode = code;
    controller.abort();
  };
  process.on('SIGINT', () => interrupt(EXIT.interrupted));
  process.on('SIGTERM', () => interrupt(EXIT.terminated));
  process.on('SIGHUP', () => interrupt(EXIT.terminated));
  if (process.channel) {
    process.on('disconnect', () => interrupt(EXIT.terminated));
    process.channel.unref();
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
