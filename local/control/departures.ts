/** Tells those who wait for it that a client of the API has left. */
export interface Departures {
  tell(client: string): void;
  /** Resolves when it has left, or with `false` when nobody listens any more. */
  heard(client: string, listening: AbortSignal): Promise<boolean>;
}

export function createDepartures(): Departures {
  const left = new Map<string, PromiseWithResolvers<boolean>>();

  function of(client: string): PromiseWithResolvers<boolean> {
    const departure = left.get(client) ?? Promise.withResolvers<boolean>();
    left.set(client, departure);
    return departure;
  }

  return {
    tell: (client) => of(client).resolve(true),
    heard(client, listening) {
      const { promise: givenUp, resolve } = Promise.withResolvers<boolean>();
      listening.addEventListener('abort', () => resolve(false), { once: true });
      return Promise.race([of(client).promise, givenUp]);
    },
  };
}
