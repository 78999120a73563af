import type { StoredVector } from './vector-tables.ts';

/** The vectors of one index, in the order they were written, also apart by namespace: a query compares its own only. */
export class VectorSpace {
  readonly #all = new Map<string, StoredVector>();
  readonly #byNamespace = new Map<string | null, Map<string, StoredVector>>();

  constructor(vectors: Iterable<StoredVector>) {
    for (const vector of vectors) this.put(vector);
  }

  get size(): number {
    return this.#all.size;
  }

  get(id: string): StoredVector | undefined {
    return this.#all.get(id);
  }

  /** `undefined`: of every namespace. */
  in(namespace: string | undefined): Iterable<StoredVector> {
    return (namespace === undefined ? this.#all : this.#byNamespace.get(namespace))?.values() ?? [];
  }

  put(vector: StoredVector): void {
    this.delete(vector.id);
    this.#all.set(vector.id, vector);
    const own = this.#byNamespace.get(vector.namespace) ?? new Map<string, StoredVector>();
    this.#byNamespace.set(vector.namespace, own.set(vector.id, vector));
  }

  delete(id: string): void {
    const vector = this.#all.get(id);
    if (vector === undefined) return;
    this.#all.delete(id);
    this.#byNamespace.get(vector.namespace)?.delete(id);
  }
}
