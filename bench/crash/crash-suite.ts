import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { type Measurement, type Promised, promised } from '../report.ts';
import { measureOnStack } from '../stack/bench-stack.ts';
import { defineSuite } from '../suite.ts';
import { DIFFERENCE_KINDS } from './find-differences.ts';
import { CRASH_VARIABLES, type RoundResult, runRound } from './run-round.ts';

const DEFAULT_DOCUMENTS = 500;
const DEFAULT_SEEDS = 3;
const MIN_KILLS = 3;
/** A call carries up to twenty documents. */
const MIN_CALLS_PER_DOCUMENT = 0.2;
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
  wrong: 'chunks with the content of another, or miscounted',
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
  summary: `Put, change and delete documents while the Workers are killed, stores and model fail a fifth of their calls and
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
  const onStack = { stateDir, output, variables: CRASH_VARIABLES, breakableBindings: false, unreliableQueue: true };
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
    promises: [...crashPromises(rounds), excusePromise(rounds), ...severity(rounds)],
    profile: 'no added latency; a fifth of the calls to vector stores and embedding model fail',
    table: [
      [
        'seed',
        'documents',
        'requests',
        'in doubt',
        'kills',
        'calls',
        'settled after',
        'unnamed originals',
        'differences',
      ],
      ...rounds.map(({ seed, documents, requests, kills, calls, settledAfterMs, unnamed, differences: some }) => [
        ...[seed, documents, requests.answered, requests.unknown, kills, calls].map(String),
        settledAfterMs === null ? 'never' : `${(settledAfterMs / 1_000).toFixed(1)} s`,
        String(unnamed),
        String(some.length),
      ]),
    ],
    raw: rounds,
  };
}

function crashPromises(rounds: RoundResult[]): Promised[] {
  const differences = rounds.flatMap((round) => round.differences);
  return DIFFERENCE_KINDS.map((kind) => {
    const count = differences.filter((difference) => difference.kind === kind).length;
    return promised(NAMES[kind], count, 'differences', '= 0', count === 0);
  });
}

/** Only what died can leave an original that no version has; the comparison is no broom for the rest. */
function excusePromise(rounds: RoundResult[]): Promised {
  const over = rounds.map(({ unnamed, requests }) => Math.max(0, unnamed - requests.unknown));
  const unexplained = over.reduce((sum, one) => sum + one, 0);
  const bar = '= 0 (no round has more than requests without an answer)';
  return promised(
    'unnamed originals beyond those of requests that died',
    unexplained,
    'originals',
    bar,
    unexplained === 0,
  );
}

/** That the rounds were as hard as they say: a run in which nothing failed promises nothing. */
function severity(rounds: RoundResult[]): Promised[] {
  const fewest = (count: (round: RoundResult) => number) => Math.min(...rounds.map(count));
  const [kills, calls] = [fewest((round) => round.kills), fewest((round) => round.calls / round.documents)];
  return [
    promised('kills in each round', kills, 'kills', `≥ ${MIN_KILLS}`, kills >= MIN_KILLS),
    promised(
      'calls to stores and model that were in danger, for each document',
      calls,
      'calls',
      `≥ ${MIN_CALLS_PER_DOCUMENT}`,
      calls >= MIN_CALLS_PER_DOCUMENT,
    ),
  ];
}

function readCount(option: string, text: string): number {
  const count = Number(text);
  if (!(Number.isSafeInteger(count) && count > 0)) throw new UsageError(`--${option} ${text} is no number of them`);
  return count;
}
