import type { AnswerStore, JudgeValue } from '../cache/answer-store.ts';
import {
  type DecodedEntries,
  decodeEntry,
  decodeOnce,
  type EntryUse,
  encodeEntry,
  type Lifetimes,
  useOf,
} from '../cache/cache-entry.ts';
import { answerKey } from '../cache/keys.ts';
import type { Clock } from '../clock.ts';
import type { MadeFrom } from '../namespaces/namespace-state.ts';
import type { NamespaceStates, StateReading } from '../namespaces/namespace-states.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { Defer } from '../telemetry/defer.ts';
import { type Answer, answerSchema } from './answer.ts';
import type { Ask } from './ask.ts';

/** What the cache knows of a question. */
export interface FoundAnswer {
  use: EntryUse;
  /** `null` when it is of no use. */
  answer: Answer | null;
  madeFrom: MadeFrom | null;
  /** False when the cache could not be asked. */
  isAvailable: boolean;
  /** The namespace's state as it was then: what is made from now on is made from it, or from something newer. */
  reading: StateReading;
}

type Judged = Pick<FoundAnswer, 'use' | 'answer' | 'madeFrom'>;

/** Whole answers to identical questions. */
export interface AnswerCache {
  keyOf(ask: Ask, question: string): Promise<string>;
  find(namespace: string, key: string, deadline: Deadline): Promise<FoundAnswer>;
  /** The stored form of an answer made now. */
  encode(answer: Answer, madeFrom: MadeFrom): string;
  /** What a stored form is good for. */
  judge(value: string | null, reading: StateReading): Judged;
  /** After the response: nobody waits for it. */
  keep(key: string, value: string): void;
}

export interface AnswerCacheOptions {
  store: AnswerStore;
  namespaceStates: Pick<NamespaceStates, 'current'>;
  clock: Clock;
  defer: Defer;
  decoded: DecodedEntries<Answer>;
  /** Models and versions that answers depend on. */
  madeBy: readonly (string | number | null)[];
  writeTimeoutMs: number;
}

const HOUR_MS = 60 * 60 * 1_000;

export const ANSWER_LIFETIMES: Lifetimes = { freshMs: HOUR_MS, staleMs: HOUR_MS, ifErrorMs: 24 * HOUR_MS };
export const ANSWER_TTL_SECONDS =
  (ANSWER_LIFETIMES.freshMs + ANSWER_LIFETIMES.staleMs + ANSWER_LIFETIMES.ifErrorMs) / 1_000;

export function createAnswerCache(options: AnswerCacheOptions): AnswerCache {
  const { store, namespaceStates, clock, defer, decoded, madeBy, writeTimeoutMs } = options;
  function judge(value: string | null, reading: StateReading): Judged {
    const entry = decodeOnce(value, answerSchema, decoded);
    const use = entry === null ? 'none' : useOf(entry, reading, clock.nowMs(), ANSWER_LIFETIMES);
    if (use === 'none' || entry === null) return { use: 'none', answer: null, madeFrom: null };
    return { use, answer: entry.payload, madeFrom: entry.madeFrom };
  }

  return {
    keyOf(ask, question) {
      const { namespace, topK, maxPerDocument, filter, retrieval, generation } = ask;
      return answerKey({ namespace, question, topK, maxPerDocument, filter, retrieval, generation, madeBy });
    },

    async find(namespace, key, deadline) {
      const reading = namespaceStates.current(namespace, deadline);
      const stored = await store.get(key, deadline, async (value) => standingOf(judge(value, await reading).use));
      const found = judge(stored.ok ? stored.value : null, await reading);
      return { ...found, isAvailable: stored.ok, reading: await reading };
    },

    encode: (answer, madeFrom) => encodeEntry({ storedAtMs: clock.nowMs(), madeFrom, payload: answer }),
    judge,

    keep(key, value) {
      defer('answer-cache.write', store.put(key, value, ANSWER_TTL_SECONDS, deadlineIn(clock, writeTimeoutMs)));
    },
  };
}

function standingOf(use: EntryUse): Awaited<ReturnType<JudgeValue>> {
  switch (use) {
    case 'fresh':
      return 'fresh';
    case 'stale':
      return 'usable';
    case 'if-error':
      return 'last-resort';
    case 'none':
      return 'useless';
  }
}

/** For a copy made later: no longer than the original is of use. */
export function remainingTtlSeconds(value: string, nowMs: number): number {
  const entry = decodeEntry(value, answerSchema);
  return entry === null ? 0 : Math.floor((entry.storedAtMs - nowMs) / 1_000) + ANSWER_TTL_SECONDS;
}
