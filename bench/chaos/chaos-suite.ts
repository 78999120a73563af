import { join } from 'node:path';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { PROFILE_NAME } from '../stack/assumed-latencies.ts';
import { measureOnStack } from '../stack/bench-stack.ts';
import { defineSuite } from '../suite.ts';
import { measureChaos, PARTS, type Part } from './measure-chaos.ts';
import { prepareWorld } from './prepare-world.ts';

const RATE_PER_SECOND = 20;
const KNOWN_QUESTIONS = 30;
/** For the questions asked while a cell recovers; when they are used up, earlier ones come again. */
const SPARE_FRESH_QUESTIONS = 40;
const CELL_SECONDS = { short: 12, long: 30 };

const options = {
  documents: {
    type: 'string',
    value: 'DIR',
    description: 'Markdown to ask about',
    default: join(PROJECT_ROOT, 'docs'),
  },
  cells: { type: 'string', value: 'FILTER', description: 'only these: part of target/mode, or a pattern with *' },
  parts: { type: 'string', value: 'LIST', description: `of ${PARTS.join(',')} (default: all; with --cells, table)` },
  duration: { type: 'string', value: 'SECONDS', description: `of a cell (default: ${CELL_SECONDS.short})` },
  long: { type: 'boolean', description: `${CELL_SECONDS.long} s a cell` },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/chaos)' },
} as const satisfies OptionSpecs;

export const chaosSuite = defineSuite({
  name: 'chaos',
  summary: `Break every dependency in every way under load, on a stack of the suite's own, and judge the answers.`,
  arguments: '[options]',
  options,
  examples: [
    'npm run bench -- chaos',
    'npm run bench -- chaos --cells vectorize:primary/hang --duration 3',
    'npm run bench -- chaos --long --json chaos.json',
  ],
  measure: async ({ options: chosen, output }, seed) => {
    const startedMs = performance.now();
    const cellSeconds = readCellSeconds(chosen);
    const plan = { parts: readParts(chosen), filter: chosen.cells, cellDurationMs: cellSeconds * 1_000 };
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'chaos');
    return measureOnStack({ stateDir, output }, async (stack, signal) => {
      const world = await prepareWorld(stack, {
        documentsDir: chosen.documents,
        questionCounts: {
          known: KNOWN_QUESTIONS,
          fresh: Math.ceil((RATE_PER_SECOND * cellSeconds) / 2) + SPARE_FRESH_QUESTIONS,
        },
        ...{ ratePerSecond: RATE_PER_SECOND, seed, output, signal },
      });
      return { profile: PROFILE_NAME, ...(await measureChaos(world, plan, output, startedMs)) };
    });
  },
});

function readCellSeconds({ duration, long }: { duration: string | null; long: boolean }): number {
  if (duration === null) return long ? CELL_SECONDS.long : CELL_SECONDS.short;
  const seconds = Number(duration);
  if (!(seconds >= 1 && seconds <= 600)) throw new UsageError(`--duration ${duration} is not 1 to 600 seconds`);
  return seconds;
}

function readParts({ parts, cells }: { parts: string | null; cells: string | null }): Part[] {
  if (parts === null) return cells === null ? [...PARTS] : ['table'];
  return parts.split(',').map((name) => {
    const part = PARTS.find((known) => known === name.trim());
    if (part === undefined) throw new UsageError(`--parts: '${name}' is none of ${PARTS.join(', ')}`);
    return part;
  });
}
