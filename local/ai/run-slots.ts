/** Gives its place back; later calls do nothing. */
export type Release = () => void;

/** How many runs go on at once: the model's capacity. */
export interface RunSlots {
  /** `null` when every slot is taken. */
  tryTake(): Release | null;
  /** Waits its turn; `null` when the client left first. */
  take(signal: AbortSignal): Promise<Release | null>;
}

export function createRunSlots(capacity: number): RunSlots {
  let free = capacity;
  const waiting = new Set<(release: Release) => void>();

  function newRelease(): Release {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      const [next] = waiting;
      if (!next) {
        free += 1;
        return;
      }
      waiting.delete(next);
      next(newRelease());
    };
  }

  function tryTake(): Release | null {
    if (free === 0) return null;
    free -= 1;
    return newRelease();
  }

  return {
    tryTake,
    async take(signal) {
      if (signal.aborted) return null;
      const release = tryTake();
      if (release) return release;
      return new Promise((resolve) => {
        const onAbort = () => {
          waiting.delete(onTurn);
          resolve(null);
        };
        const onTurn = (turn: Release) => {
          signal.removeEventListener('abort', onAbort);
          resolve(turn);
        };
        waiting.add(onTurn);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
  };
}
