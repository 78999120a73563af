import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryCounts } from '../../local/bindings/delivery-counts.ts';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { createApiClient } from '../../scripts/api-client.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import { followReconciliation } from '../../scripts/reconcile/follow-reconciliation.ts';
import { textKeyOf } from '../../src/ingest/document-objects.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import {
  type CatalogDocument,
  type GroundTruth,
  processVectorize,
  readDocumentRows,
  readGroundTruth,
  readObjectKeys,
} from '../stack/ground-truth.ts';
import { compareVectors, type EmbeddingSource } from './compare-vectors.ts';
import type { Difference } from './difference.ts';
import { withLocalModel } from './embedding-source.ts';
import type { ExpectedDocument } from './expected-document.ts';
import { type CallTallies, FAILING_SHARE, failCalls, shareFailed, tallyCalls } from './failing-calls.ts';
import { findDifferences, isSettled } from './find-differences.ts';
import { type Deaths, type Killing, killAgainAndAgain } from './kill-workers.ts';
import { type OwnerTallies, own } from './owner.ts';
import { makePlans } from './plan.ts';

export interface RoundOptions extends Pick<Killing, 'livesMs' | 'minKills'> {
  stack: BenchStack;
  stateDir: string;
  seed: number;
  documents: number;
  ownersAtOnce: number;
  /** How long deaths and failures go on after the last request, unless half of the work is done sooner. */
  underFireMs: number;
  /** How long the last copies of old messages are waited for. */
  lateMessagesMs: number;
  signal: AbortSignal;
  report(line: string): void;
}

export interface RoundResult {
  seed: number;
  documents: number;
  requests: OwnerTallies;
  /** Documents of which no one knows what was accepted last. */
  inDoubt: number;
  kills: number;
  /** Of the model and the vector stores, while they failed. */
  calls: CallTallies;
  deliveries: DeliveryCounts;
  /** Null when there was always something left to do. */
  settledAfterMs: number | null;
  /** Originals that no version was ever seen to have, of requests that died: the comparison removes them. */
  unnamed: number;
  differences: Difference[];
}

const NAMESPACES = ['crash-north', 'crash-south'];
// A document that failed again and again waits before the next attempt about as long as the faults have lasted.
const SETTLES_WITHIN_MS = 300_000;
const LOOK_EVERY_MS = 500;
const FAILS_ON_MS = 60_000;
const RECONCILES_WITHIN_MS = 120_000;

/** Shorter than production's, as the documents are: what a dead Worker held is free again sooner. */
export function crashVariables(seed: number): Record<string, string> {
  const DELIVERY_SEED = String(seed);
  return { LEASE_MS: '15000', REQUEUE_AFTER_MS: '5000', RECONCILE_ORPHAN_AGE_MS: '1000', DELIVERY_SEED };
}

/**
 * Owners put, change and delete documents, one by one or many at once, while the Workers die again and again, a fifth of
 * all calls to stores and model fails, and the queue delivers no better than promised. Then all is well again, and
 * everything that is left is compared with what was accepted.
 */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { stack, stateDir, seed, documents, lateMessagesMs, signal, report } = options;
  await stack.control.resetCounters();
  await failCalls(stack.control, seed);
  const { expected, requests, kills, everNamed } = await ownAndKill(options);
  const calls = await failOnUntilHard(options);
  const deliveries = await stack.control.deliveries();
  await stack.control.clearFaults();
  report(`Seed ${seed}: ${requests.answered} requests answered, ${requests.unknown} in doubt, ${kills} kills.`);

  const settledAfterMs = await waitUntilLeft(0, stateDir, SETTLES_WITHIN_MS, signal);
  await sleep(lateMessagesMs, undefined, { signal });
  const truthNow = async () => {
    await processVectorize(stack.cloudUrl);
    return readGroundTruth(stateDir);
  };
  // A request that dies between R2 and the catalog leaves an original that no document has: the daily comparison's work,
  // and the only one that is left to it.
  const settled = await truthNow();
  const unnamed = unnamedOriginals(settled, everNamed);
  const objects = settled.objects.filter(({ key }) => !unnamed.has(key));
  const others = await withLocalModel((source) => differencesIn(expected, { ...settled, objects }, source));
  await reconcile(stack, signal);
  const reconciled = await truthNow();
  const left = await withLocalModel((source) => differencesIn(expected, reconciled, source));
  const differences = distinct([...others, ...left]);
  const inDoubt = expected.filter(({ outcomes }) => outcomes.length > 1).length;
  return {
    seed,
    documents,
    requests,
    inDoubt,
    kills,
    calls,
    deliveries,
    settledAfterMs,
    unnamed: unnamed.size,
    differences,
  };
}

async function differencesIn(
  expected: ExpectedDocument[],
  truth: GroundTruth,
  source: EmbeddingSource,
): Promise<Difference[]> {
  return [...findDifferences(expected, truth), ...(await compareVectors(truth, source))];
}

/**
 * On a slow machine the Workers die before they have called anybody: then all goes on failing without further deaths until
 * as many calls as there are documents have met what was asked for, or nothing is left to do.
 */
async function failOnUntilHard({ stack, stateDir, documents, signal }: RoundOptions): Promise<CallTallies> {
  const beganMs = performance.now();
  for (;;) {
    const calls = await tallyCalls(stack.control);
    const isHard = calls.received >= documents && shareFailed(calls) >= FAILING_SHARE && calls.failedWhenDone > 0;
    if (isHard || shareLeft(stateDir) === 0 || performance.now() - beganMs > FAILS_ON_MS) return calls;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** The keys of objects that no version has, nor had whenever the round looked. */
function unnamedOriginals({ objects, versions }: GroundTruth, everNamed: ReadonlySet<string>): Set<string> {
  const originals = [...everNamed, ...versions.map(({ objectKey }) => objectKey)];
  const named = new Set(originals.flatMap((key) => [key, textKeyOf(key)]));
  return new Set(objects.map(({ key }) => key).filter((key) => !named.has(key)));
}

/** What the comparison has left as it was is one difference. */
function distinct(differences: Difference[]): Difference[] {
  return [...new Map(differences.map((one) => [JSON.stringify(one), one])).values()];
}

async function reconcile(stack: BenchStack, signal: AbortSignal): Promise<void> {
  const order = { namespace: null, force: false };
  const client = createApiClient(stack, signal);
  const { state } = await followReconciliation({
    client,
    order,
    timeoutMs: RECONCILES_WITHIN_MS,
    output: { line: () => {} },
  });
  if (state !== 'finished') throw new CommandFailure(`the reconciliation is ${state}`);
}

async function ownAndKill(options: RoundOptions) {
  const { stack, stateDir, seed, documents, ownersAtOnce, underFireMs, signal } = options;
  const tallies: OwnerTallies = { answered: 0, unknown: 0, unexplained: 0, refused: 0 };
  const deaths: Deaths = { count: 0, areDown: false };
  const expected: ExpectedDocument[] = [];
  const random = createSeededRandom(seed, 'owners');
  const requests = new EventTarget();
  const onSend = () => void requests.dispatchEvent(new Event('sent'));
  const nextRequest = () =>
    new Promise<void>((resolve) => requests.addEventListener('sent', () => resolve(), { once: true }));
  const done = new AbortController();
  const killing = killAgainAndAgain({ ...options, deaths, nextRequest, ownersDone: done.signal });
  const owning = forEachConcurrently(makePlans(seed, documents, NAMESPACES), ownersAtOnce, async (plan) => {
    expected.push(...(await own(plan, { stack, random, tallies, deaths, onSend, signal })));
  });
  const halfDone = owning.then(() => waitUntilLeft(0.5, stateDir, underFireMs, signal));
  const noting = noteObjectKeys(stateDir, AbortSignal.any([done.signal, signal]));
  try {
    // A Worker that does not start again ends the round as well.
    const [, everNamed] = await Promise.all([killing, noting, halfDone.finally(() => done.abort())]);
    return { expected, requests: tallies, kills: deaths.count, everNamed };
  } finally {
    done.abort();
  }
}

/** Where the originals were of every version that it saw until the signal. */
async function noteObjectKeys(stateDir: string, until: AbortSignal): Promise<Set<string>> {
  const seen = new Set<string>();
  for (;;) {
    const isLast = until.aborted;
    for (const key of readObjectKeys(stateDir)) seen.add(key);
    if (isLast) return seen;
    await sleep(LOOK_EVERY_MS, undefined, { signal: until }).catch(() => {});
  }
}

/** How long it took until no more than this share of the documents had work left; null when it took longer than the time. */
async function waitUntilLeft(
  share: number,
  stateDir: string,
  withinMs: number,
  signal: AbortSignal,
): Promise<number | null> {
  const beganMs = performance.now();
  while (performance.now() - beganMs < withinMs) {
    if (shareLeft(stateDir) <= share) return performance.now() - beganMs;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  return null;
}

/** Of the documents that there are. */
function shareLeft(stateDir: string): number {
  const documents = readDocumentRows(stateDir);
  return documents.filter(hasWorkLeft).length / Math.max(1, documents.length);
}

function hasWorkLeft(document: CatalogDocument): boolean {
  const isGivenUp = document.state === 'failed' && document.nextRetryAtMs === null;
  return !isSettled(document) && !isGivenUp;
}
