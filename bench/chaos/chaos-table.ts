import { recoverySeconds } from './cell-promises.ts';
import type { CellVerdict } from './verdict.ts';

const HEADER = [
  'cell',
  'calls met',
  'answers',
  '5xx',
  'hung',
  'cut',
  'P50 ms',
  'P95 ms',
  'P99 ms',
  'same top %',
  'degraded ok %',
  'recovery s',
  '',
];

export function chaosTable(cells: readonly CellVerdict[]): string[][] {
  return [HEADER, ...cells.map(rowOf)];
}

/** A cell in one line, for whoever watches the run. */
export function describeCell(cell: CellVerdict): string {
  const { name, callsMet, answered, p99Ms, broken } = cell;
  const outcome = broken.length === 0 ? 'ok' : broken.join('; ');
  return `${name}: ${callsMet} calls met it, ${answered} answers, P99 ${Math.round(p99Ms)} ms, recovery ${recoverySeconds(cell).toFixed(1)} s: ${outcome}`;
}

function rowOf(cell: CellVerdict): string[] {
  const { name, callsMet, answered, failed, hung, interrupted, p50Ms, p95Ms, p99Ms, sameTopShare, degradedRightShare } =
    cell;
  return [
    name,
    ...[callsMet, answered, failed, hung, interrupted, p50Ms, p95Ms, p99Ms].map((value) => String(Math.round(value))),
    (sameTopShare * 100).toFixed(1),
    (degradedRightShare * 100).toFixed(1),
    recoverySeconds(cell).toFixed(1),
    cell.broken.length === 0 ? 'ok' : 'BROKEN',
  ];
}
