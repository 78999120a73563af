import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { type Measurement, type Promised, promised } from '../report.ts';
import { measureOnStack } from '../stack/bench-stack.ts';
import { defineSuite } from '../suite.ts';
import { DIFFERENCE_KINDS } from './difference.ts';
import { crashVariables, type RoundResult, runRound } from './run-round.ts';
import { severityOf } from './severity.ts';

const DEFAULT_DOCUMENTS = 500;
const DEFAULT_SEEDS = 3;
const MIN_KILLS = 3;
const HARDNESS = {
  livesMs: { shortest: 3_000, longest: 12_000 },
  minKills: MIN_KILLS,
  ownersAtOnce: 24,
  underFireMs: 60_000,
  // The last copies come 15 s after their messages (local/bindings/unreliable-delivery.ts).
  lateMessagesMs: 18_000,
};
const MOST_SHOWN = 200;
const NAMES = {
  lost: 'documents, chunks or originals lost',
  duplicate: 'left of versions before the last one',
  orphan: 'left of documents that are not there',
  wrong: 'chunks with content or a vector that is not theirs, or miscounted',
} as const;

const options = {
  documents: { type: 'string', value: 'NUMBER', description: 'for each seed', default: String(DEFAULT_DOCUMENTS) },
  seeds: {
    type: 'string',
    value: 'NUMBER',
    description: 'rounds, --seed and those after it',
    default: String(DEFAULT_SEEDS),
  },
} as const satisfies OptionSpecs;

export const crashSuite = defineSuite({
  name: 'crash',
  summary: `Put, edit, patch and delete documents while the Workers are killed, stores and model fail a fifth of their calls and
the queue delivers twice, late and out of order; then compare everything that is kept with what was accepted.`,
  arguments: '[options]',
  options,
  examples: ['npm run bench -- crash', 'npm run bench -- crash --documents 50 --seeds 1 --seed 7'],
  measure: async ({ options: chosen, output }, seed) => {
    const documents = readCount('documents', chosen.documents);
    const seeds = Array.from({ length: readCount('seeds', chosen.seeds) }, (_, n) => seed + n);
    const rounds: RoundResult[] = [];
    for (const one of seeds) rounds.push(await runOnNewStack(one, documents, output));
    return describeRounds(rounds, output);
  },
});

/** A folder of its own: nothing else may be anywhere. It stays when something is wrong in it. */
async function runOnNewStack(seed: number, documents: number, output: Output): Promise<RoundResult> {
  const stateDir = mkdtempSync(join(tmpdir(), `vigil-crash-${seed}-`));
  const onStack = {
    stateDir,
    output,
    variables: crashVariables(seed),
    breakableBindings: false,
    unreliableQueue: true,
  };
  const round = await measureOnStack(onStack, (stack, signal) =>
    runRound({
      ...{ stack, stateDir, seed, documents, ...HARDNESS, signal },
      report: (line) => output.line(line),
    }),
  );
  if (round.differences.length === 0) rmSync(stateDir, { recursive: true, force: true });
  else output.problem(`What the round left is in ${stateDir}`);
  return round;
}

function describeRounds(rounds: RoundResult[], output: Output): Measurement {
  const differences = rounds.flatMap(({ seed, differences: some }) => some.map((one) => ({ seed, ...one })));
  for (const { seed, kind, where, namespace, documentId, what } of differences.slice(0, MOST_SHOWN)) {
    output.line(`seed ${seed}: ${kind} in ${where}: ${namespace}/${documentId}: ${what}`);
  }
  if (differences.length > MOST_SHOWN) output.line(`… and ${differences.length - MOST_SHOWN} more`);
  return {
    promises: [...crashPromises(rounds), ...severityOf(rounds, MIN_KILLS)],
    profile: 'no added latency; a fifth of the calls to vector stores and embedding model fail',
    table: [
      [
        ...['seed', 'documents', 'requests', 'no answer', 'in doubt', 'kills', 'calls', 'failed', 'failed when done'],
        ...['messages', 'again', 'late', 'out of order', 'settled after', 'unnamed originals', 'differences'],
      ],
      ...rounds.map(rowOf),
    ],
    raw: rounds,
  };
}

function rowOf({ seed, documents, requests, inDoubt, kills, calls, deliveries, ...end }: RoundResult): string[] {
  const { settledAfterMs, unnamed, differences } = end;
  return [
    ...[seed, documents, requests.answered, requests.unknown, inDoubt, kills],
    ...[calls.received, calls.failed, calls.failedWhenDone],
    ...[deliveries.handed, deliveries.doubled, deliveries.late, deliveries.outOfOrder],
    settledAfterMs === null ? 'never' : `${(settledAfterMs / 1_000).toFixed(1)} s`,
    ...[unnamed, differences.length],
  ].map(String);
}

function crashPromises(rounds: RoundResult[]): Promised[] {
  const differences = rounds.flatMap((round) => round.differences);
  return DIFFERENCE_KINDS.map((kind) => {
    const count = differences.filter((difference) => difference.kind === kind).length;
    return promised(NAMES[kind], count, 'differences', '= 0', count === 0);
  });
}

function readCount(option: string, text: string): number {
  const count = Number(text);
  if (!(Number.isSafeInteger(count) && count > 0)) throw new UsageError(`--${option} ${text} is no number of them`);
  return count;
}
