import type { Promised } from '../../report.ts';
import type { CellVerdict } from '../verdict.ts';

/** What one part of the suite has found out. */
export interface PartResult {
  /** Rows for the table. */
  cells: CellVerdict[];
  promises: Promised[];
  raw: unknown;
}

/** A promise with a number rounded for people; the bar was met or not by the number itself. */
export function promised(name: string, measured: number, unit: string, bar: string, holds: boolean): Promised {
  return { name, measured: Math.round(measured * 100) / 100, unit, bar, holds };
}
