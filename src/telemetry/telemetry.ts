import type { TelemetryEvent } from './events.ts';

export type Labels = Record<string, string>;

export type CounterName =
  | 'http.requests'
  | 'upstream.calls'
  | 'upstream.retries'
  | 'generations'
  | 'generation.budget'
  | 'breaker.changes'
  | 'vector.hedges'
  | 'cache.reads'
  | 'embedding.races'
  | 'cache.lookUps'
  | 'answers.unfinished'
  | 'passages.damaged'
  | 'documents.ingested'
  | 'ingestion.refused'
  | 'chunks.vectors'
  | 'queue.messages';
export type HistogramName = 'http.durationMs' | 'upstream.durationMs';

/** Where a component says what happened. Adapters decide what becomes of it. */
export interface Telemetry {
  emit(event: TelemetryEvent): void;
  count(name: CounterName, labels: Labels, by?: number): void;
  observe(name: HistogramName, value: number, labels: Labels): void;
}
