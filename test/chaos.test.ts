import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chaosCells, pairCells } from '../bench/chaos/cells.ts';
import { prepareWorld } from '../bench/chaos/prepare-world.ts';
import { runCell } from '../bench/chaos/run-cell.ts';
import type { ChaosWorld } from '../bench/chaos/world.ts';
import { type BenchStack, startBenchStack } from '../bench/stack/bench-stack.ts';
import { createOutput } from '../scripts/output.ts';
import { PROJECT_ROOT } from '../scripts/project.ts';

// A few cells of `npm run bench -- chaos`, shorter and with less load, judged in the same way.
const RATE_PER_SECOND = 10;
const CELL_MS = 3_000;
const QUESTIONS = { known: 10, fresh: 30 };
const FEW = ['vectorize:primary/hang', 'redis/error', 'ai/embed/error', 'd1/error'];
const MORE = ['vectorize/refused', 'vectorize/garbage', 'redis+vector/hang', 'ai/rate-limited', 'd1+kv/hang'];
const cellNames = process.env.VIGIL_TEST_FULL === '1' ? [...FEW, ...MORE] : FEW;
const silent = createOutput({ json: false, stdout: { write: () => {} }, stderr: { write: () => {} } });

let stateDir: string;
let stack: BenchStack;
let world: ChaosWorld;
const interruption = new AbortController();

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'vigil-chaos-'));
  const { signal } = interruption;
  // Other tests may keep the machine busy: what is late by their fault is not to count as failed.
  const variables = { CACHE_READ_TIMEOUT_MS: '1000', LEXICAL_TIMEOUT_MS: '2000' };
  stack = await startBenchStack({ stateDir, variables, signal, report: () => {} });
  world = await prepareWorld(stack, {
    // Of clearly different things: with so few questions each leg has to find the same passage by itself.
    documentsDir: join(PROJECT_ROOT, 'test/support/small-town'),
    questionCounts: QUESTIONS,
    ...{ ratePerSecond: RATE_PER_SECOND, seed: 1, output: silent, signal },
  });
}, 120_000);
afterAll(async () => {
  interruption.abort();
  await stack.stop();
  // It reads the log of what has ended.
  await stack.failed;
  rmSync(stateDir, { recursive: true, force: true });
}, 30_000);

test.each(cellNames)('%s: answers stay right, and say what they did without', async (name) => {
  const cell = chaosCells(stack.deployment).find((one) => one.name === name);
  if (cell === undefined) throw new Error(`there is no cell ${name}`);
  const verdict = await runCell(world, cell, CELL_MS);
  expect(verdict.broken, JSON.stringify(verdict, null, 2)).toEqual([]);
  expect(verdict.asked).toBe((RATE_PER_SECOND * CELL_MS) / 1_000);
  expect(verdict.callsMet).toBeGreaterThan(0);
});

test('every vector store down at once: words alone answer', async () => {
  const cell = pairCells(stack.deployment).at(-1);
  if (cell === undefined) throw new Error('the stack has fewer than three vector stores');
  const verdict = await runCell(world, cell, CELL_MS);
  expect(verdict.broken, JSON.stringify(verdict, null, 2)).toEqual([]);
  expect(verdict.searched).toBeGreaterThan(0);
  expect(verdict.tallies.servedBy.lexical).toBe(verdict.searched);
});
