import type { BenchStack } from '../stack/bench-stack.ts';
import { documentPath, type MadeDocument, requestFor } from '../stack/requests.ts';

export interface Deletion {
  namespace: string;
  /** Those to delete; the first one is asked for. */
  targets: readonly MadeDocument[];
  signal: AbortSignal;
}

export interface Variant {
  name: string;
  /** Whether the answers are kept by the caches when the deletion comes. */
  isCached: boolean;
  targets: number;
  /** The namespace is deleted as a whole. */
  isWhole?: true;
  /** Documents that stay. */
  others: number;
  metadata: { targets: Record<string, string>; others: Record<string, string> };
  remove(stack: BenchStack, deletion: Deletion): Promise<void>;
}

const NO_METADATA = { targets: {}, others: {} };
const OTHERS = 12;

/** Ways to delete. */
export const VARIANTS: readonly Variant[] = [
  { name: 'one', isCached: false, targets: 1, others: OTHERS, metadata: NO_METADATA, remove: removeOneByOne },
  { name: 'cached', isCached: true, targets: 1, others: OTHERS, metadata: NO_METADATA, remove: removeOneByOne },
  {
    name: 'filter',
    isCached: true,
    targets: 5,
    others: OTHERS,
    metadata: { targets: { lang: 'de' }, others: { lang: 'en' } },
    remove: async (stack, { namespace, signal }) => {
      const body = { filter: { lang: 'de' } };
      await requestFor([202], stack, 'POST', `${namespace}/deletions`, { body, signal });
    },
  },
  {
    name: 'namespace',
    isWhole: true,
    isCached: true,
    targets: OTHERS,
    others: 0,
    metadata: NO_METADATA,
    remove: async (stack, { namespace, signal }) => {
      await requestFor([202], stack, 'DELETE', namespace, { signal });
    },
  },
];

async function removeOneByOne(stack: BenchStack, { namespace, targets, signal }: Deletion): Promise<void> {
  for (const { id } of targets) await requestFor([202], stack, 'DELETE', documentPath(namespace, id), { signal });
}
