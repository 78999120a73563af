import type { MeasuredVector } from './similarity.ts';

export interface StoredVector {
  id: string;
  /** The position in the order of insertion, which `range` walks; kept when the vector is overwritten. */
  sequence: number;
  vector: MeasuredVector;
  metadata: Record<string, unknown> | null;
  data: string | null;
  /** What the vector counts towards the size of the index. */
  byteSize: number;
  writtenAtMs: number;
}

interface PendingChange {
  id: string;
  /** `null`: deleted. */
  after: StoredVector | null;
  writtenAtMs: number;
}

/**
 * The vectors of one namespace, twice: as written, which `fetch` and `range` read, and as indexed, which queries read.
 * Writes reach the index in their order once they are old enough.
 */
export class VectorNamespace {
  readonly #written = new Map<string, StoredVector>();
  readonly #indexed = new Map<string, StoredVector>();
  #pending: PendingChange[] = [];
  #nextSequence = 0;

  /**
   * Vectors found on disk, in the order of insertion. The disk holds only the latest version, so queries do not see a
   * vector overwritten shortly before the restart until its delay is over, and see a deletion at once.
   */
  static restore(vectors: StoredVector[]): VectorNamespace {
    const namespace = new VectorNamespace();
    for (const vector of vectors) {
      namespace.#written.set(vector.id, vector);
      namespace.#nextSequence = vector.sequence + 1;
    }
    namespace.#pending = vectors
      .toSorted((a, b) => a.writtenAtMs - b.writtenAtMs)
      .map((after) => ({ id: after.id, after, writtenAtMs: after.writtenAtMs }));
    return namespace;
  }

  get(id: string): StoredVector | undefined {
    return this.#written.get(id);
  }

  /** As written, in the order of insertion. */
  written(): Iterable<StoredVector> {
    return this.#written.values();
  }

  get writtenCount(): number {
    return this.#written.size;
  }

  /** As queries see them. */
  indexed(): Iterable<StoredVector> {
    return this.#indexed.values();
  }

  get indexedCount(): number {
    return this.#indexed.size;
  }

  /** Vectors whose latest version queries do not see yet. That deletions are not counted upstream is inferred. */
  get pendingCount(): number {
    let count = 0;
    for (const vector of this.#written.values()) {
      if (this.#indexed.get(vector.id) !== vector) count += 1;
    }
    return count;
  }

  /** The position a new vector gets; an existing one keeps its own. */
  takeSequence(id: string): number {
    const existing = this.#written.get(id);
    if (existing !== undefined) return existing.sequence;
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    return sequence;
  }

  put(vector: StoredVector): void {
    this.#written.set(vector.id, vector);
    this.#pending.push({ id: vector.id, after: vector, writtenAtMs: vector.writtenAtMs });
  }

  remove(id: string, writtenAtMs: number): void {
    this.#written.delete(id);
    this.#pending.push({ id, after: null, writtenAtMs });
  }

  clear(): void {
    this.#written.clear();
    this.#indexed.clear();
    this.#pending = [];
    this.#nextSequence = 0;
  }

  /** Shows queries every change up to the first one written later than `untilMs`. */
  indexChanges(untilMs: number): void {
    const firstLater = this.#pending.findIndex((change) => change.writtenAtMs > untilMs);
    const due = this.#pending.splice(0, firstLater === -1 ? this.#pending.length : firstLater);
    for (const { id, after } of due) {
      if (after === null) this.#indexed.delete(id);
      else this.#indexed.set(id, after);
    }
  }
}
