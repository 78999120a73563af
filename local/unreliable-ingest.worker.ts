import ingest from '../queues/consumer.ts';
import { countDelivery } from './bindings/delivery-counts.ts';
import { deliverUnreliably, isCopy } from './bindings/unreliable-delivery.ts';
import { createControlClient } from './control/control-client.ts';
import { createSeededRandom } from './faults/seeded-random.ts';

/** The ingestion Worker behind a queue that delivers messages twice, late and out of order, and tells the local cloud how often. */
export default {
  async queue(batch, env, ctx) {
    if (batch.queue.endsWith('-dead')) return ingest.queue(batch, env, ctx);
    // What wrangler.toml declares under that name.
    const queue = env.INGEST_QUEUE as Queue;
    const control = createControlClient(String(env.LOCAL_CLOUD_URL));
    // Numbered by the local cloud, which lives on when this Worker is killed: no life begins the draws anew.
    const { n } = await control.takeBatch();
    const random = createSeededRandom(Number(env.DELIVERY_SEED ?? DEFAULT_SEED), `batch ${n}`);
    const handed = deliverUnreliably(batch, { queue, random, waitUntil: ctx.waitUntil.bind(ctx) });
    await control.tellDelivery(countDelivery(batch.messages, handed.messages, isCopy));
    return ingest.queue(handed, env, ctx);
  },
  scheduled: (controller, env, ctx) => ingest.scheduled(controller, env, ctx),
} satisfies ExportedHandler<Record<string, unknown>>;

const DEFAULT_SEED = 1;
