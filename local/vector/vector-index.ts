import type { Clock } from '../../src/clock.ts';
import { measureVector } from './similarity.ts';
import { type IndexSettings, storedByteSize, VectorDatabase } from './vector-database.ts';
import { VectorNamespace } from './vector-namespace.ts';

export interface VectorDraft {
  id: string;
  values: Float32Array;
  metadata: Record<string, unknown> | null;
  data: string | null;
}

export interface VectorIndexOptions {
  stateDir: string;
  settings: IndexSettings;
  clock: Clock;
  visibilityDelayMs: number;
}

/** One index: what is on disk, its copy in memory, and when writes become visible to queries. */
export class VectorIndex {
  readonly settings: IndexSettings;
  readonly #clock: Clock;
  readonly #database: VectorDatabase;
  readonly #namespaces: Map<string, VectorNamespace>;
  #visibilityDelayMs: number;

  constructor({ stateDir, settings, clock, visibilityDelayMs }: VectorIndexOptions) {
    this.settings = settings;
    this.#clock = clock;
    this.#visibilityDelayMs = visibilityDelayMs;
    this.#database = new VectorDatabase(stateDir, settings);
    this.#namespaces = new Map(
      this.#database.namespaces().map((name) => [name, VectorNamespace.restore(this.#database.vectors(name))]),
    );
  }

  close(): void {
    this.#database.close();
  }

  /** Counts for writes still pending too: with 0, all of them are visible at once. */
  setVisibilityDelayMs(delayMs: number): void {
    this.#visibilityDelayMs = delayMs;
  }

  namespaceNames(): string[] {
    return [...this.#namespaces.keys()];
  }

  /** The namespace as of now; an empty one when nothing was ever written to it. */
  namespace(name: string): VectorNamespace {
    const namespace = this.#namespaces.get(name) ?? new VectorNamespace();
    namespace.indexChanges(this.#clock.nowMs() - this.#visibilityDelayMs);
    return namespace;
  }

  /** Inserts or overwrites; of drafts with the same id the last one stays. Creates the namespace. */
  write(name: string, drafts: VectorDraft[]): void {
    const namespace = this.namespace(name);
    const writtenAtMs = this.#clock.nowMs();
    const lastOfEachId = new Map(drafts.map((draft) => [draft.id, draft]));
    const vectors = [...lastOfEachId.values()].map(({ id, values, metadata, data }) => {
      const sequence = namespace.takeSequence(id);
      const byteSize = storedByteSize(values, metadata === null ? null : JSON.stringify(metadata), data);
      return { id, sequence, vector: measureVector(values), metadata, data, byteSize, writtenAtMs };
    });
    this.#database.put(name, vectors);
    for (const vector of vectors) namespace.put(vector);
    this.#namespaces.set(name, namespace);
  }

  /** Deletes what exists of these ids and says how many that were. */
  remove(name: string, ids: string[]): number {
    const namespace = this.namespace(name);
    const existing = [...new Set(ids)].filter((id) => namespace.get(id) !== undefined);
    this.#database.remove(name, existing);
    const writtenAtMs = this.#clock.nowMs();
    for (const id of existing) namespace.remove(id, writtenAtMs);
    return existing.length;
  }

  /** Empties the namespace and keeps it. That queries see this at once is inferred. */
  reset(name: string): void {
    this.#database.clear(name);
    this.#namespaces.get(name)?.clear();
  }

  /** `false`: there is none. */
  deleteNamespace(name: string): boolean {
    if (!this.#namespaces.has(name)) return false;
    this.#database.deleteNamespace(name);
    this.#namespaces.delete(name);
    return true;
  }
}
