import ingest from '../queues/consumer.ts';
import { deliverUnreliably } from './bindings/unreliable-delivery.ts';

/** The ingestion Worker behind a queue that delivers messages twice, late and out of order. */
export default {
  async queue(batch, env, ctx) {
    if (batch.queue.endsWith('-dead')) return ingest.queue(batch, env, ctx);
    // What wrangler.toml declares under that name.
    const queue = env.INGEST_QUEUE as Queue;
    const waitUntil = ctx.waitUntil.bind(ctx);
    return ingest.queue(deliverUnreliably(batch, { queue, random: Math.random, waitUntil }), env, ctx);
  },
  scheduled: (controller, env, ctx) => ingest.scheduled(controller, env, ctx),
} satisfies ExportedHandler<Record<string, unknown>>;
