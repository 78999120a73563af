import { join } from 'node:path';
import { createTestHarness, type TestHarnessOptions } from 'wrangler';
import type { ContractSettings } from './contract-settings.ts';
import { type PortCall, readPortJson, writePortJson } from './port-json.ts';

type WorkerInput = TestHarnessOptions['workers'][number];
type Bindings = Partial<Extract<WorkerInput, { config: unknown }>['config']>;

export interface ContractWorker {
  /** The port of that name in the Worker; `properties` are those of its fields that are no methods. */
  port<T extends object>(name: PortCall['port'], properties: Partial<T>): T;
  applyD1Migrations(binding: string): Promise<void>;
  close(): Promise<void>;
}

/** The adapters in a Worker with these bindings, beside the Workers it is bound to. */
export async function startContractWorker(
  settings: ContractSettings,
  bindings: Bindings,
  others: WorkerInput[] = [],
): Promise<ContractWorker> {
  Object.assign(process.env, { CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' });
  const harness = createTestHarness({
    root: join(import.meta.dirname, '../..'),
    workers: [
      {
        config: {
          name: 'vigil-contract',
          main: 'test/contract/adapters.worker.ts',
          compatibility_date: '2026-10-20',
          vars: { SETTINGS: settings },
          ...bindings,
        },
      },
      ...others,
    ],
  });
  await harness.listen();

  async function call(port: PortCall['port'], method: string, args: unknown[]): Promise<unknown> {
    const response = await harness.fetch('/', { method: 'POST', body: writePortJson({ port, method, args }) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return readPortJson(text);
  }

  return {
    port<T extends object>(name: PortCall['port'], properties: Partial<T>): T {
      const port = new Proxy(properties, {
        get: (known, key) => {
          // A promise is looked for when a port is awaited.
          if (key in known || key === 'then') return Reflect.get(known, key);
          return (...args: unknown[]) => call(name, String(key), args);
        },
      });
      // Every other method is the adapter's, in the Worker.
      return port as T;
    },
    applyD1Migrations: (binding) => harness.getWorker('vigil-contract').applyD1Migrations(binding),
    close: () => harness.close(),
  };
}
