import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import { type LatencySummary, summariseLatencies } from '../load/latency-summary.ts';
import { type LoadRecord, runOpenLoop } from '../load/open-loop.ts';
import type { Reply } from '../load/timed-answer.ts';
import { type Promised, promised } from '../report.ts';
import { ask, type CachesWorld, emptyCaches, failuresAmong } from './caches-world.ts';

const AT_ONCE = 4;
const RATE_PER_SECOND = 20;
const PHASE_MS = 10_000;
// Breakers open after five failures; the rest of a second is for their first probes.
const SETTLED_AFTER_MS = 1_000;
const READ_TIMEOUT_MS = 150;
// Apart from what two runs of ten seconds differ by anyway.
const NOTHING_MS = { p50: 5, p95: 15 };

/** As it looks to clients: nobody listens any more, or somebody does and never answers. */
const WAYS = ['refused', 'hang'] as const;

/** Redis dies under load: nobody's request fails, and soon nobody waits for it any more. */
export async function measureRedisKilled(world: CachesWorld): Promise<{ promises: Promised[]; raw: unknown }> {
  await askAllOnce(world);
  const results = [];
  for (const way of WAYS) results.push({ way, ...(await measureWay(world, way)) });
  return {
    promises: results.flatMap(({ promises }) => promises),
    raw: results.map(({ way, raw }) => ({ way, ...raw })),
  };
}

async function measureWay(world: CachesWorld, way: (typeof WAYS)[number]) {
  const { stack, questions } = world;
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
  await stack.control.setFault({ target: 'redis', mode: way });
  const during = await load();
  await stack.control.clearFaults();

  const failed = during.filter(({ result }) => result.kind !== 'answered').length;
  const usual = latenciesOf(before);
  const first = latenciesOf(during.filter(({ scheduledMs }) => scheduledMs < SETTLED_AFTER_MS));
  const settled = latenciesOf(during.filter(({ scheduledMs }) => scheduledMs >= SETTLED_AFTER_MS));
  const name = (text: string) => `Redis killed (${way}): ${text}`;
  const atMost = (text: string, ms: number, mostMs: number) =>
    promised(name(text), ms, 'ms', `≤ ${mostMs}`, ms <= mostMs);
  return {
    promises: [
      promised(name('requests that failed'), failed, 'requests', '= 0', failed === 0),
      atMost('added to P95 until its breaker opens', first.p95Ms - usual.p95Ms, READ_TIMEOUT_MS),
      atMost('added to P50 after that', settled.p50Ms - usual.p50Ms, NOTHING_MS.p50),
      atMost('added to P95 after that', settled.p95Ms - usual.p95Ms, NOTHING_MS.p95),
    ],
    raw: { usual, first, settled, failures: failuresAmong([...before, ...during].map(({ result }) => result)) },
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
