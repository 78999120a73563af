import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { type Deadline, deadlineIn, deadlineWithin } from '../resilience/deadline.ts';
import type { Defer } from '../telemetry/defer.ts';
import type { CacheStore } from './cache-store.ts';
import type { Field, FieldStore } from './field-store.ts';
import { type SimilarGroup, similarGroupKey } from './keys.ts';
import type { RandomProjection } from './similar-questions/random-projection.ts';
import { type Candidate, keepNewest, likeliestKeys } from './similar-questions/similar-candidates.ts';
import { type SimilaritySignature, signVector } from './similar-questions/similarity-bands.ts';

/** What was read for a question, and is needed to have it found by the next one like it. */
export interface SimilarLookUp {
  hashKey: string;
  signature: SimilaritySignature;
  /** What stands in the question's own fields. */
  own: Map<string, Candidate[]>;
  /** The hash is there, and its time is running. */
  hasBegun: boolean;
}

/**
 * Finds the results of questions like this one, by locality-sensitive bands over their vectors: one command, no scan.
 * Whether a candidate may be used, its own vector and words decide.
 */
export interface SimilarResults {
  /** The stored forms of the likeliest candidates, best first; `null` when the cache could not be asked. */
  find(
    group: SimilarGroup,
    vector: Float32Array,
    threshold: number,
    deadline: Deadline,
  ): Promise<{ lookUp: SimilarLookUp; candidates: string[] } | null>;
  /** After the response: has the results under this key found by questions like the one looked up. */
  note(lookUp: SimilarLookUp, key: string): void;
}

export interface SimilarResultsOptions {
  fields: FieldStore;
  store: CacheStore;
  projection: RandomProjection;
  clock: Clock;
  defer: Defer;
  readTimeoutMs: number;
  writeTimeoutMs: number;
}

const bucket = z.array(z.tuple([z.string(), z.string()]));

const HOUR_MS = 60 * 60 * 1_000;
// An hour's questions and the quarter of an hour for which the last of them are fresh.
const TTL_SECONDS = 75 * 60;
// A field that is written where a hash's time begins, and only there: the question that misses it lets the time begin, so
// that a hash which was evicted and is filled again cannot stay for ever.
const BEGUN: Field = { name: 'begun', value: '1' };

export function createSimilarResults(options: SimilarResultsOptions): SimilarResults {
  const { fields, store, projection, clock, defer } = options;

  function readDeadline(deadline: Deadline): Deadline {
    return deadlineWithin(clock, options.readTimeoutMs, deadline);
  }

  function write({ hashKey, hasBegun }: SimilarLookUp, written: Field[]): Promise<unknown> {
    const deadline = deadlineIn(clock, options.writeTimeoutMs);
    return hasBegun
      ? fields.setFields(hashKey, written, null, deadline)
      : fields.setFields(hashKey, [...written, BEGUN], TTL_SECONDS, deadline);
  }

  return {
    async find(group, vector, threshold, deadline) {
      const signature = signVector(projection, vector);
      // Questions of this hour: at its turn those of the last minutes are missed, and nothing has to be moved.
      const hashKey = await similarGroupKey(group, Math.floor(clock.nowMs() / HOUR_MS));
      const found = await fields.getFields(hashKey, [...signature.probes, BEGUN.name], readDeadline(deadline));
      if (!found.ok) return null;
      const buckets = new Map(signature.probes.map((name, n) => [name, decodeBucket(found.value[n] ?? null)]));
      const own = new Map(signature.bands.map((name) => [name, buckets.get(name) ?? []]));
      const hasBegun = (found.value[signature.probes.length] ?? null) !== null;
      const lookUp = { hashKey, signature, own, hasBegun };
      const keys = likeliestKeys([...buckets.values()].flat(), signature.sketch, threshold);
      const stored = await store.getMany(keys, readDeadline(deadline));
      if (!stored.ok) return null;
      return { lookUp, candidates: stored.value.filter((value) => value !== null) };
    },

    note(lookUp, key) {
      const { signature, own } = lookUp;
      const written = signature.bands.map((name) => {
        const kept = keepNewest(own.get(name) ?? [], { key, sketch: signature.sketch });
        return { name, value: JSON.stringify(kept.map((candidate) => [candidate.key, candidate.sketch])) };
      });
      defer('similar-results.write', write(lookUp, written));
    },
  };
}

/** Nothing, when it is damaged: it is written over. */
function decodeBucket(text: string | null): Candidate[] {
  if (text === null) return [];
  try {
    const parsed = bucket.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.map(([key, sketch]) => ({ key, sketch })) : [];
  } catch {
    return [];
  }
}
