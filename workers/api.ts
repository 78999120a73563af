import { createApp } from '../src/http/app.ts';
import { createApiIsolate } from '../src/services.ts';
import { platformTracing } from '../src/telemetry/platform-tracing.ts';

const app = createApp(createApiIsolate(platformTracing));

export default { fetch: app.fetch } satisfies ExportedHandler<Record<string, unknown>>;
