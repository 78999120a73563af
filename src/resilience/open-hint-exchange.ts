import type { Clock } from '../clock.ts';
import type { Defer } from '../telemetry/defer.ts';
import { BREAKER_SETTINGS } from './breaker.ts';
import type { Circuits, OpenCircuit } from './circuits.ts';

/** Where isolates of one location leave word of open breakers. May lose or forget anything. */
export interface OpenHints {
  read(): Promise<OpenCircuit[]>;
  /** Replaces what was there. */
  write(open: OpenCircuit[], ttlSeconds: number): Promise<void>;
}

/** What lives as long as an isolate. */
export interface HintMemory {
  readAtMs: number;
  heard: OpenCircuit[];
}

export interface OpenHintExchange {
  publish(opened: OpenCircuit): void;
  /** Starts reading at most once a second. Nobody waits: the calls after it obey what it found. */
  refresh(): void;
}

const READ_EVERY_MS = 1_000;

export function createHintMemory(): HintMemory {
  return { readAtMs: Number.NEGATIVE_INFINITY, heard: [] };
}

export function createOpenHintExchange(options: {
  hints: OpenHints;
  memory: HintMemory;
  circuits: Circuits;
  clock: Clock;
  defer: Defer;
}): OpenHintExchange {
  const { hints, memory, circuits, clock, defer } = options;

  async function read(): Promise<void> {
    memory.heard = (await hints.read()).filter(isCurrent);
    for (const hint of memory.heard) circuits.adopt(hint);
  }

  function isCurrent({ untilMs }: OpenCircuit): boolean {
    const nowMs = clock.nowMs();
    return untilMs > nowMs && untilMs <= nowMs + BREAKER_SETTINGS.maxOpenMs;
  }

  return {
    publish(opened) {
      // One entry for all circuits, so that reading is one look-up; two who write at once may lose one hint.
      const others = memory.heard.filter((hint) => hint.circuit !== opened.circuit && isCurrent(hint));
      memory.heard = [...others, opened];
      const longestMs = Math.max(...memory.heard.map(({ untilMs }) => untilMs - clock.nowMs()));
      defer('open-hints.write', hints.write(memory.heard, Math.ceil(longestMs / 1_000)));
    },
    refresh() {
      const nowMs = clock.nowMs();
      if (nowMs - memory.readAtMs < READ_EVERY_MS) return;
      memory.readAtMs = nowMs;
      defer('open-hints.read', read());
    },
  };
}
