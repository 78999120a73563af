import type { AskGate } from './ask-gate.ts';

const GET = { operation: 'get', verb: 'GET' };
/** Of each method: its operation for the fault gate, and its verb in KV's own words. */
const CALLS = new Map<string | symbol, { operation: string; verb: string }>([
  ['get', GET],
  ['getWithMetadata', GET],
  ['put', { operation: 'put', verb: 'PUT' }],
  ['delete', { operation: 'delete', verb: 'DELETE' }],
  ['list', { operation: 'list', verb: 'GET' }],
]);

/** The namespace, asking before each call. A proxy, because one method takes and returns a dozen combinations of types. */
export function createFaultyKv(kv: KVNamespace, ask: AskGate): KVNamespace {
  return new Proxy(kv, {
    get(real, name) {
      const member: unknown = Reflect.get(real, name);
      const call = CALLS.get(name);
      if (call === undefined || typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        await admit(ask, call);
        return Reflect.apply(member, real, args);
      };
    },
  });
}

/** Throws as the binding does when KV fails. */
async function admit(ask: AskGate, { operation, verb }: { operation: string; verb: string }): Promise<void> {
  const response = await ask(operation);
  const text = await response.text();
  if (!response.ok) throw new Error(`KV ${verb} failed: ${response.status} ${response.statusText}`);
  // An answer nobody can read, as a reader of JSON meets it.
  JSON.parse(text);
}
