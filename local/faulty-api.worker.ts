import api from '../workers/api.ts';
import { withDeparture } from './bindings/departing-clients.ts';
import { cloudUrlOf, withFaultyBindings } from './bindings/faulty-env.ts';

/** The API Worker, its D1 and KV bindings breakable from the local cloud, which tells it also of clients that leave. */
export default {
  fetch: (request, env, ctx) =>
    api.fetch(
      withDeparture(request, cloudUrlOf(env), (promise) => ctx.waitUntil(promise)),
      withFaultyBindings(env),
      ctx,
    ),
} satisfies ExportedHandler<Record<string, unknown>>;
