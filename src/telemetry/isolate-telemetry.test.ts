import { expect, test } from 'vitest';
import { createIsolateTelemetry } from './isolate-telemetry.ts';

test('counters and histograms come out as Prometheus text, labels in any order being one series', () => {
  const telemetry = createIsolateTelemetry(() => {});
  telemetry.count('upstream.calls', { dependency: 'redis', outcome: 'ok' });
  telemetry.count('upstream.calls', { outcome: 'ok', dependency: 'redis' }, 2);
  telemetry.observe('http.durationMs', 7, { route: '/a"b' });
  telemetry.observe('http.durationMs', 20_000, { route: '/a"b' });
  const text = telemetry.exposition();
  expect(text).toContain('# TYPE vigil_upstream_calls_total counter\n');
  expect(text).toContain('vigil_upstream_calls_total{dependency="redis",outcome="ok"} 3\n');
  expect(text).toContain('vigil_http_duration_ms_bucket{route="/a\\"b",le="5"} 0\n');
  expect(text).toContain('vigil_http_duration_ms_bucket{route="/a\\"b",le="10"} 1\n');
  expect(text).toContain('vigil_http_duration_ms_bucket{route="/a\\"b",le="+Inf"} 2\n');
  expect(text).toContain('vigil_http_duration_ms_sum{route="/a\\"b"} 20007\n');
  expect(text).toContain('vigil_http_duration_ms_count{route="/a\\"b"} 2\n');
});

test('an event is one line of JSON', () => {
  const lines: string[] = [];
  const telemetry = createIsolateTelemetry((line) => lines.push(line));
  telemetry.emit({ event: 'document.deleted', namespace: 'docs', documentId: 'a\nb' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('\n');
  expect(JSON.parse(lines[0] ?? '')).toEqual({ event: 'document.deleted', namespace: 'docs', documentId: 'a\nb' });
});

test.each([
  [{ event: 'bug', where: 'here', message: 'm', stack: null }, 'error'],
  [
    { event: 'document.failed', namespace: 'n', documentId: 'd', version: 1, code: 'C', attempts: 1, willRetry: false },
    'error',
  ],
  [
    { event: 'document.failed', namespace: 'n', documentId: 'd', version: 1, code: 'C', attempts: 1, willRetry: true },
    'warning',
  ],
  [{ event: 'answer.degraded', requestId: 'r', namespace: 'n', step: 's', reason: 'TIMEOUT' }, 'warning'],
  [{ event: 'document.ready', namespace: 'n', documentId: 'd', version: 1, chunks: 3 }, 'info'],
] as const)('%o is logged as %s', (event, severity) => {
  const severities: string[] = [];
  createIsolateTelemetry((_, given) => severities.push(given)).emit(event);
  expect(severities).toEqual([severity]);
});
