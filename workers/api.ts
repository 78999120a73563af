import { createApp } from '../src/http/app.ts';
import { createApiIsolate } from '../src/services.ts';

const app = createApp(createApiIsolate());

export default { fetch: app.fetch } satisfies ExportedHandler<Record<string, unknown>>;
