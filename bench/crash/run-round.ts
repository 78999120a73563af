import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import { type CatalogDocument, processVectorize, readDocumentRows, readGroundTruth } from '../stack/ground-truth.ts';
import { ownDocument } from './document-owner.ts';
import type { ExpectedDocument } from './expected-document.ts';
import { type Difference, findDifferences, isSettled } from './find-differences.ts';
import { makePlans } from './plan.ts';

export interface RoundOptions {
  stack: BenchStack;
  stateDir: string;
  seed: number;
  documents: number;
  /** Between one start of the Workers and their next death: drawn evenly. */
  livesMs: { shortest: number; longest: number };
  /** At least so many deaths, also when the owners are done sooner. */
  minKills: number;
  signal: AbortSignal;
  report(line: string): void;
}

export interface RoundResult {
  seed: number;
  documents: number;
  requests: { answered: number; unknown: number; refused: number };
  kills: number;
  /** Calls that met the faults' targets. */
  calls: number;
  settledAfterMs: number | null;
  differences: Difference[];
}

const NAMESPACES = ['crash-north', 'crash-south'];
const OWNERS_AT_ONCE = 12;
const FAILING = ['vectorize:primary', 'vectorize:replica', 'vector', 'ai/embed'];
const FAILING_SHARE = 0.2;
const SETTLES_WITHIN_MS = 150_000;
const LOOK_EVERY_MS = 500;
// Copies of messages come until 15 s after the messages themselves (local/bindings/unreliable-delivery.ts).
const LATE_MESSAGES_MS = 18_000;

/** Shorter than production's, as the documents are: what a dead Worker held is free again sooner. */
export const CRASH_VARIABLES = { LEASE_MS: '15000', REQUEUE_AFTER_MS: '5000' };

/**
 * Owners put, change and delete documents while the Workers die again and again, a fifth of all calls to stores and model
 * fails, and the queue delivers no better than promised. Then all is well again, and everything that is left is compared with what was accepted.
 */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { stack, stateDir, seed, documents, signal, report } = options;
  await stack.control.resetCounters();
  for (const [n, target] of FAILING.entries()) {
    await stack.control.setFault({ target, mode: 'error', share: FAILING_SHARE, seed: seed * 10 + n });
  }
  const requests = { answered: 0, unknown: 0, refused: 0 };
  const owners = new AbortController();
  const killing = killAgainAndAgain(options, owners.signal);
  const expected: ExpectedDocument[] = [];
  const random = createSeededRandom(seed, 'owners');
  const owning = forEachConcurrently(makePlans(seed, documents, NAMESPACES), OWNERS_AT_ONCE, async (plan) => {
    expected.push(await ownDocument(plan, { stack, random, tallies: requests, signal }));
  }).finally(() => owners.abort());
  // A Worker that does not start again ends the round as well.
  const [kills] = await Promise.all([killing, owning]);
  await stack.control.clearFaults();
  report(`seed ${seed}: ${requests.answered} requests answered, ${requests.unknown} in doubt, ${kills} kills`);

  const settledAfterMs = await waitUntilSettled(stateDir, signal);
  await sleep(LATE_MESSAGES_MS, undefined, { signal });
  await processVectorize(stack.cloudUrl);
  const differences = findDifferences(expected, readGroundTruth(stateDir));
  const { calls } = await stack.control.counters();
  const received = calls.reduce((sum, call) => sum + (call.service === 'redis' ? 0 : call.received), 0);
  return { seed, documents, requests, kills, calls: received, settledAfterMs, differences };
}

/** Returns how often the Workers died until the owners were done. */
async function killAgainAndAgain(options: RoundOptions, ownersDone: AbortSignal): Promise<number> {
  const { stack, seed, livesMs, minKills, signal } = options;
  const random = createSeededRandom(seed, 'kills');
  let kills = 0;
  while (!ownersDone.aborted || kills < minKills) {
    const lifeMs = livesMs.shortest + random() * (livesMs.longest - livesMs.shortest);
    // Whoever is done does not end a life: what is still processed then dies, too.
    await sleep(lifeMs, undefined, { signal });
    if (ownersDone.aborted && kills >= minKills) break;
    await stack.workers.kill();
    kills += 1;
    await stack.workers.start();
  }
  return kills;
}

/** How long it took until there was nothing left to do; null when it never came to that. */
async function waitUntilSettled(stateDir: string, signal: AbortSignal): Promise<number | null> {
  const beganMs = performance.now();
  while (performance.now() - beganMs < SETTLES_WITHIN_MS) {
    if (!readDocumentRows(stateDir).some(hasWorkLeft)) return performance.now() - beganMs;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  return null;
}

function hasWorkLeft(document: CatalogDocument): boolean {
  const isGivenUp = document.state === 'failed' && document.nextRetryAtMs === null;
  return !isSettled(document) && !isGivenUp;
}
