import type { Promised } from '../report.ts';
import { promised } from '../report.ts';
import { type CellVerdict, hasTooMuchCollateral, MAX_COLLATERAL_SHARE, RECOVERY_BAR_MS } from './verdict.ts';

/** What is promised of every cell, each with the cell that came nearest to breaking it, or broke it most. */
export function cellPromises(cells: readonly CellVerdict[], requestDeadlineMs: number): Promised[] {
  if (cells.length === 0) return [];
  const bars = [...new Set(cells.map(({ minSameTopShare }) => minSameTopShare))].sort((a, b) => b - a);
  return [
    atMost(cells, 'requests that failed', ({ failed }) => failed, 'requests', 0),
    atMost(cells, 'requests left hanging', ({ hung }) => hung, 'requests', 0),
    below(cells, 'P99', ({ p99Ms }) => p99Ms, 'ms', requestDeadlineMs),
    atMost(cells, 'answers that do not name what they did without', ({ missingSteps }) => missingSteps, 'answers', 0),
    collateral(cells),
    atMost(cells, 'answers served by what was down', ({ wronglyServed }) => wronglyServed, 'answers', 0),
    ...bars.map((bar) => sameTop(cells, bar)),
    below(cells, 'recovery', recoverySeconds, 's', RECOVERY_BAR_MS / 1_000),
  ];
}

export function recoverySeconds({ recoveryMs }: CellVerdict): number {
  return (recoveryMs ?? Number.POSITIVE_INFINITY) / 1_000;
}

function sameTop(cells: readonly CellVerdict[], bar: number): Promised {
  const judged = cells.filter(({ minSameTopShare }) => minSameTopShare === bar);
  const worst = worstOf(judged, ({ sameTopShare }) => -sameTopShare);
  const name = `same first passage as on a healthy day, ${judged.length} cells (worst: ${worst.name})`;
  return promised(name, worst.sameTopShare * 100, '%', `≥ ${bar * 100}`, worst.sameTopShare >= bar);
}

function collateral(cells: readonly CellVerdict[]): Promised {
  const percent = ({ collateralShare }: CellVerdict) => collateralShare * 100;
  // Of few answers a single one is a large share, and no breach.
  const worst = worstOf(cells, (cell) => (hasTooMuchCollateral(cell) ? 100 : 0) + percent(cell));
  const name = withWorst('answers that name a dependency that was well', worst, percent);
  return promised(name, percent(worst), '%', `≤ ${MAX_COLLATERAL_SHARE * 100}`, !hasTooMuchCollateral(worst));
}

function atMost(
  cells: readonly CellVerdict[],
  name: string,
  measure: (cell: CellVerdict) => number,
  unit: string,
  bar: number,
): Promised {
  const worst = worstOf(cells, measure);
  return promised(withWorst(name, worst, measure), measure(worst), unit, `≤ ${bar}`, measure(worst) <= bar);
}

function below(
  cells: readonly CellVerdict[],
  name: string,
  measure: (cell: CellVerdict) => number,
  unit: string,
  bar: number,
): Promised {
  const worst = worstOf(cells, measure);
  return promised(withWorst(name, worst, measure), measure(worst), unit, `< ${bar}`, measure(worst) < bar);
}

/** Of cells that are all at nothing none is the worst. */
function withWorst(name: string, worst: CellVerdict, measure: (cell: CellVerdict) => number): string {
  return measure(worst) === 0 ? `${name}, any cell` : `${name} (worst: ${worst.name})`;
}

function worstOf(cells: readonly CellVerdict[], measure: (cell: CellVerdict) => number): CellVerdict {
  return cells.reduce((worst, cell) => (measure(cell) > measure(worst) ? cell : worst));
}
