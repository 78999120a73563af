type Call = (...args: unknown[]) => unknown;

// Not calls to anything that others could change meanwhile.
const OWN = new Set(['clock', 'telemetry', 'newId', 'random', 'wait', 'settings', 'model', 'queue']);

/** The same services, before each call of which something else happens, one after the other. */
export function interrupted<T extends object>(services: T, happens: () => Promise<void>): T {
  let before: Promise<void> = Promise.resolve();

  function wrap<O extends object>(target: O): O {
    return new Proxy(target, {
      get(object, name) {
        const value: unknown = Reflect.get(object, name);
        if (OWN.has(String(name))) return value;
        // What it is was just asked; TypeScript only knows `Function`.
        if (typeof value === 'function') return interruptedCall(value as Call, object);
        if (Array.isArray(value)) return value.map((item: object) => wrap(item));
        return typeof value === 'object' && value !== null ? wrap(value) : value;
      },
    });
  }

  function interruptedCall(method: Call, self: object): Call {
    return async (...args) => {
      before = before.then(happens);
      await before;
      return method.apply(self, args);
    };
  }

  return wrap(services);
}
