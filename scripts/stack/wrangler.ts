import { join } from 'node:path';
import { PROJECT_ROOT } from '../project.ts';

/** `bin/wrangler.js` would only start another Node around this file. */
export const WRANGLER_CLI = join(PROJECT_ROOT, 'node_modules', 'wrangler', 'wrangler-dist', 'cli.js');

/**
 * The whole environment of a wrangler process: no call leaves the machine, and since every variable of it also becomes a
 * variable of the Workers, nothing of the caller's environment goes in. Logs and temporary files go to `scratchDir`: a
 * killed wrangler leaves its own behind.
 */
export function wranglerEnvironment(
  scratchDir: string,
  variables: Record<string, string> = {},
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: scratchDir,
    TMPDIR: scratchDir,
    // All wranglers of a user share one by default, and bind each other's Workers of the same name.
    WRANGLER_REGISTRY_PATH: registryPath(scratchDir),
    CLOUDFLARE_INCLUDE_PROCESS_ENV: 'true',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    // It would write every span to a database of its own, on disk, while all Workers wait: they share one thread.
    X_LOCAL_OBSERVABILITY: 'false',
    ...variables,
  };
}

/** Where the running Workers of one stack find each other. */
export function registryPath(scratchDir: string): string {
  return join(scratchDir, 'registry');
}
