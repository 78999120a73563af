import { LEXICAL } from '../../../src/retrieval/lexical/lexical-index.ts';
import { promised } from '../../report.ts';
import { pairCells } from '../cells.ts';
import { runCell } from '../run-cell.ts';
import type { CellVerdict } from '../verdict.ts';
import type { ChaosWorld } from '../world.ts';
import type { PartResult } from './part.ts';

const DURATION_MS = 6_000;

/** Every two vector stores down at once, and all of them: words alone are left, and answer. */
export async function runPairs(world: ChaosWorld, onCell: (verdict: CellVerdict) => void): Promise<PartResult> {
  const verdicts: CellVerdict[] = [];
  for (const cell of pairCells(world.stack.deployment)) {
    const verdict = await runCell(world, cell, DURATION_MS);
    onCell(verdict);
    verdicts.push(verdict);
  }
  const withoutStores = verdicts.at(-1);
  const byWords = withoutStores?.tallies.servedBy[LEXICAL] ?? 0;
  const searched = withoutStores?.searched ?? 0;
  return {
    cells: verdicts,
    promises: [
      promised(
        'all vector stores down: searches served by words',
        byWords,
        'answers',
        `= ${searched}, not 0`,
        byWords > 0 && byWords === searched,
      ),
    ],
    raw: verdicts,
  };
}
