import * as z from 'zod';
import { withFaultyBindings } from '../../local/bindings/faulty-env.ts';

interface Env {
  LEXICAL_DB: D1Database;
  STATE_KV: KVNamespace;
  [name: string]: unknown;
}

const orderSchema = z.object({
  on: z.enum(['LEXICAL_DB', 'STATE_KV', 'SELF']),
  faulty: z.boolean(),
  /** Each method, with its arguments, is called on what the one before has returned. */
  calls: z.array(z.tuple([z.string()], z.unknown())),
});

/** Calls a binding as it is told, wrapped or not, and answers with what comes back or is thrown. */
export default {
  async fetch(request, env) {
    const { on, faulty, calls } = orderSchema.parse(await request.json());
    const bindings = faulty ? withFaultyBindings(env) : env;
    try {
      let value: unknown = bindings[on];
      for (const [method, ...args] of calls) value = call(await value, method, args);
      const result: unknown = await value;
      return Response.json({ value: calls.length === 0 ? result === env[on] : (result ?? null) });
    } catch (thrown) {
      return Response.json({ thrown: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  },
} satisfies ExportedHandler<Env>;

/** Of a batch the arguments are SQL. */
function call(target: unknown, method: string, args: unknown[]): unknown {
  if (typeof target !== 'object' || target === null) throw new Error(`nothing to call ${method} on`);
  const given = method === 'batch' ? [args.map((sql) => call(target, 'prepare', [sql]))] : args;
  return Reflect.apply(Reflect.get(target, method), target, given);
}
