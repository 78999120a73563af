/** Knows whether the process has died, and when the last call it had sent has arrived. */
export interface Death {
  hasCome(): boolean;
  settled(): Promise<void>;
}

type Call = (...args: unknown[]) => unknown;

// Not calls to anything that could outlive the process.
const OWN = new Set(['clock', 'telemetry', 'newId', 'random', 'wait', 'settings', 'model']);

/**
 * The same services, in a process that dies at its nth call: before it is sent, or after it was carried out but before
 * anything is made of the answer. From then on nothing can be called, as in a process that is no more.
 */
export function mortal<T extends object>(
  services: T,
  fate: { call: number; moment: 'before' | 'after' },
): { services: T; death: Death } {
  const sent: Promise<unknown>[] = [];
  let calls = 0;
  let isDead = false;

  async function run(method: Call, self: object, args: unknown[]): Promise<unknown> {
    if (isDead) throw new Error('dead');
    calls += 1;
    const isLast = calls === fate.call;
    if (isLast && fate.moment === 'before') {
      isDead = true;
      throw new Error('died');
    }
    const answer = Promise.resolve(method.apply(self, args));
    sent.push(answer);
    await answer;
    if (isLast) isDead = true;
    if (isDead) throw new Error('died');
    return answer;
  }

  function wrap<O extends object>(target: O): O {
    return new Proxy(target, {
      get(object, name) {
        const value: unknown = Reflect.get(object, name);
        if (OWN.has(String(name))) return value;
        // What it is was just asked; TypeScript only knows `Function`.
        if (typeof value === 'function') return (...args: unknown[]) => run(value as Call, object, args);
        return typeof value === 'object' && value !== null && !Array.isArray(value) ? wrap(value) : wrapEach(value);
      },
    });
  }

  function wrapEach(value: unknown): unknown {
    return Array.isArray(value) ? value.map((item: object) => wrap(item)) : value;
  }

  return {
    services: wrap(services),
    death: {
      hasCome: () => isDead,
      async settled() {
        await Promise.allSettled(sent);
      },
    },
  };
}
