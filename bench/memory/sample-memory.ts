import { setTimeout as sleep } from 'node:timers/promises';
import type { Inspector } from './inspector.ts';
import { workerdResidentBytes } from './workerd-process.ts';

const EVERY_MS = 100;

export interface MemoryUse {
  samples: number;
  /** In which they were taken. */
  durationMs: number;
  /** Of the isolate, with what its typed arrays hold. */
  peakHeapBytes: number;
  /** Of every workerd of the stack: with the API Worker, the local cloud's and the bindings. */
  peakResidentBytes: number;
}

/** Samples until the task ends. */
export async function sampleMemory(inspector: Inspector, task: () => Promise<void>): Promise<MemoryUse> {
  const use: MemoryUse = { samples: 0, durationMs: 0, peakHeapBytes: 0, peakResidentBytes: 0 };
  const ended = new AbortController();
  const beganMs = performance.now();
  const sampling = sampleUntil(inspector, use, ended.signal);
  await Promise.race([task(), sampling]).finally(() => ended.abort());
  await sampling;
  use.durationMs = performance.now() - beganMs;
  return use;
}

async function sampleUntil(inspector: Inspector, use: MemoryUse, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    const { usedSize, backingStorageSize } = await inspector.heap();
    use.samples += 1;
    use.peakHeapBytes = Math.max(use.peakHeapBytes, usedSize + backingStorageSize);
    use.peakResidentBytes = Math.max(use.peakResidentBytes, workerdResidentBytes());
    await sleep(EVERY_MS, undefined, { signal: ended }).catch(() => {});
  }
}
