import type { TelemetryEvent } from './events.ts';
import type { CounterName, HistogramName, Labels, Telemetry } from './telemetry.ts';

/** Upper bounds in milliseconds; the last bucket is everything above. */
const BUCKETS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

interface Series {
  name: string;
  labels: Labels;
}
type Counter = Series & { value: number };
type Histogram = Series & { counts: number[]; sum: number };

export interface IsolateTelemetry extends Telemetry {
  /** Prometheus text exposition (version 0.0.4) of this isolate's counts since it started. */
  exposition(): string;
}

export type Severity = 'info' | 'warning' | 'error';

/** Events go to the log as single JSON lines, counts stay in this isolate's memory. */
export function createIsolateTelemetry(write: (line: string, severity: Severity) => void): IsolateTelemetry {
  const counters = createSeriesTable(() => ({ value: 0 }));
  const histograms = createSeriesTable(() => ({ counts: BUCKETS_MS.map(() => 0).concat(0), sum: 0 }));
  return {
    emit(event: TelemetryEvent) {
      write(JSON.stringify(event), severityOf(event));
    },
    count(name: CounterName, labels: Labels, by = 1) {
      counters.of(name, labels).value += by;
    },
    observe(name: HistogramName, value: number, labels: Labels) {
      const histogram = histograms.of(name, labels);
      const bucket = BUCKETS_MS.findIndex((bound) => value <= bound);
      const index = bucket === -1 ? BUCKETS_MS.length : bucket;
      histogram.counts[index] = (histogram.counts[index] ?? 0) + 1;
      histogram.sum += value;
    },
    exposition() {
      return `${[...renderCounters(counters.all()), ...renderHistograms(histograms.all())].join('\n')}\n`;
    },
  };
}

/** `error`: somebody should look. `warning`: Vigil goes on by other means, or tries again. */
function severityOf(event: TelemetryEvent): Severity {
  switch (event.event) {
    case 'bug':
    case 'config.invalid':
    case 'deferred.failed':
    case 'queue.message-invalid':
      return 'error';
    case 'document.failed':
      return event.willRetry ? 'warning' : 'error';
    case 'upstream.failed':
    case 'rate-limit.unavailable':
    case 'answer.degraded':
    case 'stream.failed':
    case 'queue.send-failed':
    case 'queue.dead-lettered':
    case 'removal.incomplete':
      return 'warning';
    default:
      return 'info';
  }
}

/** Series by name and labels, whatever the labels' order; found without sorting them when they came so before. */
function createSeriesTable<T>(create: () => T) {
  const bySortedLabels = new Map<string, Series & T>();
  const asGiven = new Map<string, Series & T>();
  return {
    of(name: string, labels: Labels): Series & T {
      const given = keyOf(name, Object.entries(labels));
      const known = asGiven.get(given);
      if (known !== undefined) return known;
      const sorted = keyOf(name, Object.entries(labels).sort());
      const series = bySortedLabels.get(sorted) ?? { name, labels, ...create() };
      bySortedLabels.set(sorted, series);
      asGiven.set(given, series);
      return series;
    },
    all: () => [...bySortedLabels.values()],
  };
}

function keyOf(name: string, labels: [string, string][]): string {
  return labels.reduce((key, [label, value]) => `${key}\n${label}=${value}`, name);
}

function metricName(name: string): string {
  return `vigil_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('.', '_')}`;
}

function renderLabels(labels: Labels): string {
  const parts = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function renderCounters(series: Counter[]): string[] {
  return byName(series).flatMap(([name, group]) => [
    `# TYPE ${metricName(name)}_total counter`,
    ...group.map(({ labels, value }) => `${metricName(name)}_total${renderLabels(labels)} ${value}`),
  ]);
}

function renderHistograms(series: Histogram[]): string[] {
  return byName(series).flatMap(([name, group]) => [
    `# TYPE ${metricName(name)} histogram`,
    ...group.flatMap((histogram) => renderHistogram(metricName(name), histogram)),
  ]);
}

function renderHistogram(metric: string, { labels, counts, sum }: Histogram): string[] {
  let total = 0;
  const buckets = counts.map((count, i) => {
    total += count;
    const le = String(BUCKETS_MS[i] ?? '+Inf');
    return `${metric}_bucket${renderLabels({ ...labels, le })} ${total}`;
  });
  return [...buckets, `${metric}_sum${renderLabels(labels)} ${sum}`, `${metric}_count${renderLabels(labels)} ${total}`];
}

function byName<T extends Series>(series: T[]): [string, T[]][] {
  return [...Map.groupBy(series, ({ name }) => name)].sort(([a], [b]) => a.localeCompare(b));
}
