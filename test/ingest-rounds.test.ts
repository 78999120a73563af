import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { crashVariables, runRound } from '../bench/crash/run-round.ts';
import { severityOf } from '../bench/crash/severity.ts';
import { type BenchStack, startBenchStack } from '../bench/stack/bench-stack.ts';

// One short round of `npm run bench -- crash`, judged in the same way.
const HARDNESS = {
  // A round has few calls: with this seed some of the first ones of each service fail.
  ...{ seed: 5, documents: 24, ownersAtOnce: 24, minKills: 2, underFireMs: 6_000, lateMessagesMs: 3_000 },
  livesMs: { shortest: 1_500, longest: 3_000 },
};

const MOST_SHOWN = 20;

let stateDir: string;
let stack: BenchStack;
const interruption = new AbortController();

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'vigil-rounds-'));
  stack = await startBenchStack({
    ...{
      stateDir,
      variables: { ...crashVariables(HARDNESS.seed), LEASE_MS: '10000', REQUEUE_AFTER_MS: '3000' },
      breakableBindings: false,
      unreliableQueue: true,
    },
    ...{ signal: interruption.signal, report: () => {} },
  });
}, 120_000);
afterAll(async () => {
  interruption.abort();
  await stack.stop();
  // It reads the log of what has ended.
  await stack.failed;
  rmSync(stateDir, { recursive: true, force: true });
}, 30_000);

test('(peers 5, 15) nothing is lost, doubled or left behind while Workers die, stores fail and messages come twice', async () => {
  const round = await runRound({ stack, stateDir, ...HARDNESS, signal: interruption.signal, report: () => {} });
  expect(round.differences.slice(0, MOST_SHOWN), JSON.stringify({ ...round, differences: null })).toEqual([]);
  expect(round.settledAfterMs).not.toBeNull();
  // That it was as hard as it says.
  const broken = severityOf([round], HARDNESS.minKills).filter(({ holds }) => !holds);
  expect(broken).toEqual([]);
}, 300_000);
