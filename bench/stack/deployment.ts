import { join } from 'node:path';
import { unstable_readConfig, type Unstable_Config as WranglerConfig } from 'wrangler';
import { CommandFailure } from '../../scripts/command.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { parseApiConfig } from '../../src/config.ts';

export interface StoreUnderTest {
  /** As `servedBy` and `degraded` name it. */
  name: string;
  /** As the local cloud names it: `vectorize:primary`. */
  faultTarget: string;
}

/** What the stack runs with, as far as answers speak of it. */
export interface Deployment {
  /** In the order they are asked when all are well. */
  stores: StoreUnderTest[];
  generators: string[];
  requestDeadlineMs: number;
  /** How long a model may be silent after its first token. */
  generationIdleMs: number;
}

// Its declared type comes from a package that wrangler does not ship; this is the same one as exported.
const readConfig: (args: { config: string }) => WranglerConfig = unstable_readConfig;

/** Reads it where the API Worker does: from its configuration on the local cloud, and the variables given to it. */
export function readDeployment(variables: Record<string, string>): Deployment {
  const wrangler = readConfig({ config: join(PROJECT_ROOT, 'local', 'api.wrangler.toml') });
  const parsed = parseApiConfig({ ...wrangler.vars, ...standInBindings(wrangler), ...variables });
  if (!parsed.ok) {
    const problems = parsed.error.map(({ key, problem }) => `${key} ${problem}`);
    throw new CommandFailure(`The local configuration is not valid: ${problems.join('; ')}`);
  }
  const { vectorStores, generators, REQUEST_DEADLINE_MS, GENERATION_IDLE_MS } = parsed.value;
  return {
    stores: vectorStores.map((store) => ({
      name: store.name,
      faultTarget: store.vendor === 'upstash' ? 'vector' : `vectorize:${instanceOf(store.binding, wrangler)}`,
    })),
    generators: generators.map(({ name }) => name),
    requestDeadlineMs: REQUEST_DEADLINE_MS,
    generationIdleMs: GENERATION_IDLE_MS,
  };
}

/** The configuration is only asked whether they are bound. */
function standInBindings(wrangler: WranglerConfig): Record<string, object> {
  const names = [
    ...(wrangler.services ?? []),
    ...wrangler.d1_databases,
    ...wrangler.r2_buckets,
    ...wrangler.kv_namespaces,
    ...(wrangler.queues.producers ?? []),
  ].map(({ binding }) => binding);
  return Object.fromEntries([...names, ...wrangler.ratelimits.map(({ name }) => name)].map((name) => [name, {}]));
}

function instanceOf(binding: string, wrangler: WranglerConfig): string {
  const instance = wrangler.services?.find((service) => service.binding === binding)?.props?.instance;
  if (typeof instance !== 'string') throw new CommandFailure(`local/api.wrangler.toml binds no index as ${binding}`);
  return instance;
}
