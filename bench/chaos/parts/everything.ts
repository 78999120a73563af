import { summariseLatencies } from '../../load/latency-summary.ts';
import type { LoadRecord } from '../../load/open-loop.ts';
import { promised } from '../../report.ts';
import { everythingCell } from '../cells.ts';
import { measureRecovery } from '../recovery.ts';
import { duringFault, loadFor } from '../run-cell.ts';
import { type AskedQuestion, isClean, RECOVERY_BAR_MS } from '../verdict.ts';
import { type ChaosWorld, renewCaches, UNCACHED } from '../world.ts';
import type { PartResult } from './part.ts';

const DURATION_MS = 12_000;
const P99_BAR_MS = 100;
const MIN_TURNED_AWAY_SHARE = 0.8;
const CODE = 'RETRIEVAL_UNAVAILABLE';

/** Nothing left to search: says so at once, and when to come back. */
export async function runEverything(world: ChaosWorld): Promise<PartResult> {
  const failing = await runWith(world, 'error');
  const hanging = await runWith(world, 'hang');
  return {
    cells: [],
    promises: [...failing.promises, ...hanging.promises],
    raw: { error: failing.raw, hang: hanging.raw },
  };
}

async function runWith(world: ChaosWorld, mode: 'error' | 'hang'): Promise<PartResult> {
  const { stack, bars, ratePerSecond } = world;
  const ask = await renewCaches(world, UNCACHED);
  const cell = everythingCell(stack.deployment, mode);
  const { result: records, callsMet } = await duringFault(stack, cell, () => loadFor(world, ask, DURATION_MS));
  const recoveryMs = await measureRecovery({
    ask,
    ratePerSecond,
    isRecovered: (reply) => isClean(reply, bars.storeNames),
  });

  const dishonest = records.filter(({ result }) => !isHonest(result)).length;
  const late = records.filter(({ scheduledMs }) => scheduledMs >= DURATION_MS / 2);
  // One call in a while tries a dependency again, and waits for it: the others met open breakers alone.
  const [turnedAway, probing] = [late.filter(metOpenBreakers), late.filter((record) => !metOpenBreakers(record))];
  const latencies = { turnedAway: latenciesOf(turnedAway), probing: latenciesOf(probing) };
  const { p99Ms } = latencies.turnedAway;
  const turnedAwayShare = turnedAway.length / late.length;
  return {
    cells: [],
    promises: [
      promised(
        `everything down (${mode}): responses other than 503 ${CODE} with Retry-After`,
        dishonest,
        'responses',
        '= 0',
        dishonest === 0,
      ),
      promised(`everything down (${mode}), breakers open: P99`, p99Ms, 'ms', `< ${P99_BAR_MS}`, p99Ms < P99_BAR_MS),
      promised(
        `everything down (${mode}): responses of the second half that met open breakers alone`,
        turnedAwayShare * 100,
        '%',
        `≥ ${MIN_TURNED_AWAY_SHARE * 100}`,
        turnedAwayShare >= MIN_TURNED_AWAY_SHARE,
      ),
      promised(
        `everything down (${mode}): full service after it`,
        (recoveryMs ?? Number.POSITIVE_INFINITY) / 1_000,
        's',
        `< ${RECOVERY_BAR_MS / 1_000}`,
        recoveryMs !== null && recoveryMs < RECOVERY_BAR_MS,
      ),
    ],
    raw: { callsMet, asked: records.length, dishonest, secondHalf: latencies, recoveryMs },
  };
}

function isHonest({ reply }: AskedQuestion): boolean {
  if (reply.kind !== 'failed') return false;
  return reply.status === 503 && reply.code === CODE && reply.retryAfterSeconds !== null && reply.retryAfterSeconds > 0;
}

/** Every step the refusal names was turned away without a call. */
function metOpenBreakers({ result: { reply } }: LoadRecord<AskedQuestion>): boolean {
  if (reply.kind !== 'failed' || reply.detail === null) return false;
  const reasons = [...reply.detail.matchAll(/\(([A-Z0-9_]+)\)/g)].map(([, reason]) => reason);
  return reasons.length > 0 && reasons.every((reason) => reason === 'BREAKER_OPEN');
}

function latenciesOf(records: LoadRecord<AskedQuestion>[]) {
  return { responses: records.length, ...summariseLatencies(records.map(({ latencyMs }) => latencyMs)) };
}
