import api from '../workers/api.ts';
import { withFaultyBindings } from './bindings/faulty-env.ts';

/** The API Worker, its D1 and KV bindings breakable from the local cloud. */
export default {
  fetch: (request, env, ctx) => api.fetch(request, withFaultyBindings(env), ctx),
} satisfies ExportedHandler<Record<string, unknown>>;
