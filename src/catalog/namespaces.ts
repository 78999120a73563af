import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { CatalogDatabase } from './catalog-database.ts';

export interface Namespaces {
  exists(namespace: string, deadline: Deadline): Promise<Result<boolean, UpstreamError>>;
}

export function createNamespaces(database: CatalogDatabase): Namespaces {
  return {
    async exists(namespace, deadline) {
      const select = { sql: 'SELECT 1 FROM namespaces WHERE namespace = ?1', parameters: [namespace] };
      const read = await database.batch('namespace-exists', [select], deadline);
      return read.ok ? succeed(read.value[0]?.rows.length === 1) : read;
    },
  };
}
