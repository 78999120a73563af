import {
  EMPTY_TALLY,
  type ReconcilePosition,
  type Reconciliation,
  type StoreTally,
} from '../../catalog/reconciliation-record.ts';
import type { ReconcileCommit } from '../../catalog/reconciliation-steps.ts';
import type { Deadline } from '../../resilience/deadline.ts';
import type { IngestServices } from '../ingest-services.ts';
import type { ChunkStore } from './chunk-stores.ts';

export type Counted = Partial<Record<'checked' | 'missing' | 'stale' | 'orphaned' | 'repaired', number>>;

/** What one slice has come to. */
export interface ReconcileStep extends Pick<ReconcileCommit, 'found' | 'settled' | 'remembered' | 'dropped'> {
  /** Where the next one begins; `null` after the last. */
  next: ReconcilePosition | null;
  /** To be added, by store. */
  counted: Map<string, Counted>;
  /** Stores in which nothing will be repaired. */
  stopped: string[];
  /** Nothing could be done just now. */
  isWaiting: boolean;
}

/** What a slice works with. */
export interface SliceContext {
  services: IngestServices;
  run: Reconciliation;
  /** Those that can be asked. */
  stores: ChunkStore[];
  /** R2 can be asked. */
  hasObjects: boolean;
  deadline: Deadline;
}

export function stepTo(next: ReconcilePosition | null, parts: Partial<ReconcileStep> = {}): ReconcileStep {
  return {
    next,
    counted: new Map(),
    found: [],
    settled: [],
    remembered: [],
    dropped: [],
    stopped: [],
    isWaiting: false,
    ...parts,
  };
}

export function add(counted: Map<string, Counted>, store: string, more: Counted): void {
  counted.set(store, sum(counted.get(store) ?? {}, more));
}

export function tallyWith(tally: StoreTally | undefined, more: Counted): StoreTally {
  const before = tally ?? EMPTY_TALLY;
  return { ...before, ...sum(before, more) };
}

function sum(before: Counted, more: Counted): Counted {
  const keys = ['checked', 'missing', 'stale', 'orphaned', 'repaired'] as const;
  return Object.fromEntries(keys.map((key) => [key, (before[key] ?? 0) + (more[key] ?? 0)]));
}
