import type { UpstreamErrorClass } from '../resilience/upstream-error.ts';

/** Every line Vigil logs is one of these. Never prompts, document text or credentials. */
export type TelemetryEvent =
  | {
      event: 'request.finished';
      requestId: string;
      route: string;
      method: string;
      status: number;
      code: string | null;
      durationMs: number;
    }
  | {
      event: 'upstream.failed';
      dependency: string;
      operation: string;
      class: UpstreamErrorClass;
      code: string;
      message: string;
      durationMs: number;
    }
  | { event: 'config.invalid'; keys: string[] }
  | { event: 'rate-limit.unavailable'; limiter: 'reads' | 'writes'; reason: string }
  | { event: 'breaker.changed'; circuit: string; from: string; to: string; code: string | null }
  | { event: 'store.demoted'; store: string; usualMs: number; waitedMs: number }
  | { event: 'store.restored'; store: string; durationMs: number }
  | { event: 'dependency.ordered'; dependency: string; state: 'isolated' | 'released'; keyId: string }
  | { event: 'answer.degraded'; requestId: string; namespace: string; step: string; reason: string }
  /** Whoever asked has left, the model ended in the middle, or documents went meanwhile: what was paid for it. */
  | {
      event: 'answer.unfinished';
      requestId: string;
      namespace: string;
      reason: 'left' | 'generation-interrupted' | 'sources-changed' | 'retrieval-unavailable';
      model: string | null;
      promptTokens: number;
      completionTokens: number;
      costUsd: number;
    }
  | { event: 'stream.failed'; requestId: string; code: string }
  | { event: 'document.accepted'; namespace: string; documentId: string; version: number; outcome: string }
  | { event: 'document.ready'; namespace: string; documentId: string; version: number; chunks: number }
  | {
      event: 'document.failed';
      namespace: string;
      documentId: string;
      version: number;
      code: string;
      attempts: number;
      willRetry: boolean;
    }
  | { event: 'document.deleted'; namespace: string; documentId: string }
  | { event: 'removal.incomplete'; namespace: string; documentId: string; store: string; chunks: number }
  | { event: 'deletion.accepted'; namespace: string; id: string; marked: number; isFinished: boolean }
  | { event: 'queue.send-failed'; count: number; message: string }
  | { event: 'queue.message-invalid'; reason: string }
  | { event: 'queue.dead-lettered'; kind: string; namespace: string; documentId: string; version: number }
  | { event: 'sweep.finished'; requeued: number; expiredLeases: number; repaired: number }
  /** Implausibly much of a store differs from the catalog: an operator has to look. */
  | {
      event: 'reconcile.stopped';
      severity: 'error';
      runId: string;
      store: string;
      checked: number;
      missing: number;
      stale: number;
      orphaned: number;
    }
  | {
      event: 'reconcile.source-missing';
      severity: 'error';
      code: 'SOURCE_MISSING';
      namespace: string;
      documentId: string;
      version: number;
    }
  | {
      event: 'reconcile.finished';
      runId: string;
      state: string;
      requestedBy: string;
      durationMs: number;
      checked: number;
      differences: number;
      repaired: number;
    }
  | { event: 'deferred.failed'; name: string; message: string }
  | { event: 'bug'; where: string; message: string; stack: string | null };
