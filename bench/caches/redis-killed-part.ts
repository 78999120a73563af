import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import { type LatencySummary, summariseLatencies } from '../load/latency-summary.ts';
import { type LoadRecord, runOpenLoop } from '../load/open-loop.ts';
import type { Reply } from '../load/timed-answer.ts';
import type { Promised } from '../report.ts';
import { promised } from '../report.ts';
import { ask, type CachesWorld, emptyCaches, failuresAmong } from './caches-world.ts';

const AT_ONCE = 4;
const RATE_PER_SECOND = 20;
const PHASE_MS = 10_000;
// Breakers open after five failures; the rest of a second is for their first probes.
const SETTLED_AFTER_MS = 1_000;
const READ_TIMEOUT_MS = 150;
/** Reads of one question: its namespace's state, its results, its likes. */
const MOST_READS = 3;

/** Redis dies under load: nobody's request fails, and soon nobody waits for it any more. */
export async function measureRedisKilled(world: CachesWorld): Promise<{ promises: Promised[]; raw: unknown }> {
  const { stack, questions } = world;
  await askAllOnce(world);
  await emptyCaches(world);
  let next = 0;
  // Each asked once, so that every one would have wanted Redis.
  const load = () =>
    runOpenLoop({
      ratePerSecond: RATE_PER_SECOND,
      durationMs: PHASE_MS,
      send: () => ask(world, questions[next++ % questions.length] ?? ''),
    });
  const before = await load();
  await stack.control.setFault({ target: 'redis', mode: 'hang' });
  const during = await load();
  await stack.control.clearFaults();

  const failures = failuresAmong([...before, ...during].map(({ result }) => result));
  const failed = during.filter(({ result }) => result.kind !== 'answered').length;
  const usual = latenciesOf(before);
  const first = latenciesOf(during.filter(({ scheduledMs }) => scheduledMs < SETTLED_AFTER_MS));
  const settled = latenciesOf(during.filter(({ scheduledMs }) => scheduledMs >= SETTLED_AFTER_MS));
  const addedAtFirst = first.p95Ms - usual.p95Ms;
  const addedLater = settled.p50Ms - usual.p50Ms;
  const bound = MOST_READS * READ_TIMEOUT_MS;
  return {
    promises: [
      promised('Redis killed: requests that failed', failed, 'requests', '= 0', failed === 0),
      promised(
        'Redis killed: added to P95 until its breaker opens',
        addedAtFirst,
        'ms',
        `≤ ${bound}`,
        addedAtFirst <= bound,
      ),
      promised('Redis killed: added to P50 after that', addedLater, 'ms', '≤ 5', addedLater <= 5),
    ],
    raw: { usual, first, settled, failed, failures },
  };
}

/** So that the model of the local cloud, which knows the vectors of texts it has seen, is as fast before as after. */
async function askAllOnce(world: CachesWorld): Promise<void> {
  await forEachConcurrently(world.questions, AT_ONCE, async (question) => {
    await ask(world, question, { cache: 'no-store' });
  });
}

function latenciesOf(records: LoadRecord<Reply>[]): LatencySummary {
  return summariseLatencies(records.map(({ latencyMs }) => latencyMs));
}
