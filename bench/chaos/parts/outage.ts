import { promised } from '../../report.ts';
import { measureRecovery } from '../recovery.ts';
import { duringFault, loadFor } from '../run-cell.ts';
import { isClean, RECOVERY_BAR_MS } from '../verdict.ts';
import { type ChaosWorld, renewCaches, UNCACHED } from '../world.ts';
import type { PartResult } from './part.ts';

const HALF_MS = 30_000;

/** A long outage: few calls find out that it lasts, one at a time, and its end is noticed soon. */
export async function runOutage(world: ChaosWorld): Promise<PartResult> {
  const { stack, ratePerSecond, bars } = world;
  const { control, deployment } = stack;
  const ask = await renewCaches(world, UNCACHED);
  const { result } = await duringFault(stack, { targets: ['vectorize'], mode: 'hang' }, async () => {
    const early = await loadFor(world, ask, HALF_MS);
    await control.resetCounters();
    const late = await loadFor(world, ask, HALF_MS);
    return { records: [...early, ...late], probes: await probesOf(stack) };
  });
  const [firstStore] = deployment.stores;
  const recoveryMs = await measureRecovery({
    ask,
    ratePerSecond,
    isRecovered: (reply) =>
      isClean(reply, bars.storeNames) && reply.kind === 'answered' && reply.servedBy.retrieval === firstStore?.name,
  });
  const { records, probes } = result;
  const unanswered = records.filter((record) => record.result.reply.kind !== 'answered').length;
  const calls = probes.reduce((sum, { received }) => sum + received, 0);
  const waitingMost = Math.max(0, ...probes.map((probe) => probe.waitingMost));
  return {
    cells: [],
    promises: [
      promised('60 s outage: questions without an answer', unanswered, 'questions', '= 0', unanswered === 0),
      promised('60 s outage: probes of one store waiting at once', waitingMost, 'probes', '≤ 1', waitingMost <= 1),
      promised(
        '60 s outage: full service after it',
        (recoveryMs ?? Number.POSITIVE_INFINITY) / 1_000,
        's',
        `< ${RECOVERY_BAR_MS / 1_000}`,
        recoveryMs !== null && recoveryMs < RECOVERY_BAR_MS,
      ),
    ],
    raw: { asked: records.length, unanswered, probesInLastHalf: calls, probes, recoveryMs },
  };
}

async function probesOf({ control }: ChaosWorld['stack']) {
  const { calls } = await control.counters();
  return calls.filter(({ service }) => service === 'vectorize');
}
