import { CommandFailure } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import type { Measurement } from '../report.ts';
import { promised } from '../report.ts';
import { cellPromises } from './cell-promises.ts';
import { type Cell, chaosCells, selectCells } from './cells.ts';
import { chaosTable, describeCell } from './chaos-table.ts';
import { runEverything } from './parts/everything.ts';
import { runHedging } from './parts/hedging.ts';
import { runOutage } from './parts/outage.ts';
import { runPairs } from './parts/pairs.ts';
import type { PartResult } from './parts/part.ts';
import { loadFor, runCell } from './run-cell.ts';
import type { CellVerdict } from './verdict.ts';
import { type ChaosWorld, renewCaches } from './world.ts';

export const PARTS = ['table', 'pairs', 'everything', 'outage', 'hedging'] as const;
export type Part = (typeof PARTS)[number];

export interface ChaosPlan {
  parts: Part[];
  /** Of the table's cells; `null` for all. */
  filter: string | null;
  cellDurationMs: number;
}

const MAX_MINUTES = 20;
const SHORT_CELL_MS = 12_000;
/** A stack that has just started is slow by itself. */
const WARM_UP_MS = 3_000;

/** Runs the parts of the suite one after the other, and puts together what they found. */
export async function measureChaos(
  world: ChaosWorld,
  plan: ChaosPlan,
  output: Output,
  startedMs: number,
): Promise<Omit<Measurement, 'profile'>> {
  const { deployment } = world.stack;
  const all = chaosCells(deployment);
  const chosen = plan.filter === null ? all : selectCells(all, plan.filter);
  if (chosen.length === 0) throw new CommandFailure(`--cells ${plan.filter} names none of the cells.`);
  const elapsed = () => formatElapsed(performance.now() - startedMs);
  const cells: CellVerdict[] = [];
  const results: Partial<Record<Part, PartResult>> = {};
  const onCell = (verdict: CellVerdict) => output.line(`${elapsed()}  ${describeCell(verdict)}`);

  await loadFor(world, await renewCaches(world), WARM_UP_MS);
  for (const part of plan.parts) {
    output.line(`${elapsed()}  ${part}`);
    const result = await runPart(part, world, chosen, plan, onCell);
    results[part] = result;
    cells.push(...result.cells);
  }

  const minutes = (performance.now() - startedMs) / 60_000;
  const isWhole = plan.filter === null && plan.parts.length === PARTS.length && plan.cellDurationMs === SHORT_CELL_MS;
  output.line(`${elapsed()}  done`);
  return {
    promises: [
      ...cellPromises(cells, deployment.requestDeadlineMs),
      ...Object.values(results).flatMap(({ promises }) => promises),
      ...(isWhole ? [promised('the whole run', minutes, 'min', `≤ ${MAX_MINUTES}`, minutes <= MAX_MINUTES)] : []),
    ],
    table: chaosTable(cells),
    raw: {
      ...{ minutes, cellDurationMs: plan.cellDurationMs, ratePerSecond: world.ratePerSecond },
      parts: Object.fromEntries(Object.entries(results).map(([part, { raw }]) => [part, raw])),
    },
  };
}

async function runPart(
  part: Part,
  world: ChaosWorld,
  cells: Cell[],
  plan: ChaosPlan,
  onCell: (verdict: CellVerdict) => void,
): Promise<PartResult> {
  switch (part) {
    case 'table':
      return runTable(world, cells, plan.cellDurationMs, onCell);
    case 'pairs':
      return runPairs(world, onCell);
    case 'everything':
      return runEverything(world);
    case 'outage':
      return runOutage(world);
    case 'hedging':
      return runHedging(world);
  }
}

async function runTable(
  world: ChaosWorld,
  cells: Cell[],
  cellDurationMs: number,
  onCell: (verdict: CellVerdict) => void,
): Promise<PartResult> {
  const verdicts: CellVerdict[] = [];
  for (const cell of cells) {
    const verdict = await runCell(world, cell, cellDurationMs);
    onCell(verdict);
    verdicts.push(verdict);
  }
  return { cells: verdicts, promises: [], raw: verdicts };
}

function formatElapsed(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, ' ')}:${String(seconds % 60).padStart(2, '0')}`;
}
