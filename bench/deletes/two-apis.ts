import { join } from 'node:path';
import type { Connection } from '../../scripts/api-client.ts';

/** The Worker that stands before both. */
export const TWO_APIS = join(import.meta.dirname, 'two-apis.wrangler.toml');

/** The other isolate of the API, at the address that this Worker has for it. */
export function secondApi({ url, key }: Connection): Connection {
  return { url: `${url}/second`, key };
}
