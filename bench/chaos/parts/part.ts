import type { Promised } from '../../report.ts';
import type { CellVerdict } from '../verdict.ts';

/** What one part of the suite has found out. */
export interface PartResult {
  /** Rows for the table. */
  cells: CellVerdict[];
  promises: Promised[];
  raw: unknown;
}
