import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../project.ts';

/** `bin/wrangler.js` would only start another Node around this file. */
export const WRANGLER_CLI = join(PROJECT_ROOT, 'node_modules', 'wrangler', 'wrangler-dist', 'cli.js');

/**
 * The whole environment of a wrangler process: no call leaves the machine, and since every variable of it also becomes a
 * variable of the Workers, nothing of the caller's environment goes in.
 */
export function wranglerEnvironment(variables: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? tmpdir(),
    TMPDIR: tmpdir(),
    CLOUDFLARE_INCLUDE_PROCESS_ENV: 'true',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    ...variables,
  };
}
