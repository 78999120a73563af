import type { Telemetry } from './telemetry.ts';

/** Work that may outlive the response; its failure is an event, never an unhandled rejection. */
export type Defer = (name: string, promise: Promise<unknown>) => void;

export function createDefer(waitUntil: (promise: Promise<unknown>) => void, telemetry: Telemetry): Defer {
  return (name, promise) => {
    waitUntil(
      promise.catch((error: unknown) => {
        telemetry.emit({
          event: 'deferred.failed',
          name,
          message: error instanceof Error ? error.message : String(error),
        });
      }),
    );
  };
}
