import { handleDeadLetters, handleIngestMessages } from '../src/ingest/handle-messages.ts';
import { scheduleReconciliation } from '../src/ingest/reconcile/start-reconciliation.ts';
import { sweep } from '../src/ingest/sweep.ts';
import { createIngestIsolate } from '../src/services.ts';
import { platformTracing } from '../src/telemetry/platform-tracing.ts';

const createServices = createIngestIsolate(platformTracing);

export default {
  async queue(batch, env, ctx) {
    const services = createServices(env, ctx.waitUntil.bind(ctx));
    // A wrong configuration is an operator's to mend: nothing accepted is given up for it.
    if (!services.ok) return batch.retryAll({ delaySeconds: 60 });
    if (batch.queue.endsWith('-dead')) return handleDeadLetters(services.value, batch);
    return handleIngestMessages(services.value, batch);
  },
  async scheduled(_controller, env, ctx) {
    const services = createServices(env, ctx.waitUntil.bind(ctx));
    if (!services.ok) return;
    await sweep(services.value);
    await scheduleReconciliation(services.value);
  },
} satisfies ExportedHandler<Record<string, unknown>>;
