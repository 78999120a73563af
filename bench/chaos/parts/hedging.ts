import type { CloudCounters } from '../../../local/control/control-schema.ts';
import { summariseLatencies } from '../../load/latency-summary.ts';
import type { LoadRecord } from '../../load/open-loop.ts';
import { promised } from '../../report.ts';
import { duringFault, loadFor } from '../run-cell.ts';
import type { AskedQuestion } from '../verdict.ts';
import { type ChaosWorld, renewCaches, UNCACHED } from '../world.ts';
import type { PartResult } from './part.ts';

const WARM_UP_MS = 5_000;
const PHASE_MS = 30_000;
const MAX_EXTRA_SHARE = 0.1;
const MAX_SLOWDOWN = 2;

/** What hedged requests cost on a healthy day, and what they save when the first store is ten times slower. */
export async function runHedging(world: ChaosWorld): Promise<PartResult> {
  const { stack } = world;
  const { control, deployment } = stack;
  const ask = await renewCaches(world, UNCACHED);
  // Until it is known how long a store usually takes.
  await loadFor(world, ask, WARM_UP_MS);
  await control.resetCounters();
  const healthy = await loadFor(world, ask, PHASE_MS);
  const extraShare = extraQueries(await control.counters(), healthy);

  const targets = deployment.stores.slice(0, 1).map(({ faultTarget }) => faultTarget);
  const slowed = await duringFault(stack, { targets, mode: 'slow' }, () => loadFor(world, ask, PHASE_MS));
  const usual = latenciesOf(healthy);
  const slow = latenciesOf(slowed.result);
  const ratios = {
    answer: slow.answer.p95Ms / usual.answer.p95Ms,
    retrieval: slow.retrieval.p95Ms / usual.retrieval.p95Ms,
  };
  const bar = `< ${MAX_SLOWDOWN}`;
  return {
    cells: [],
    promises: [
      promised(
        'healthy: vector queries beyond one for each answer',
        extraShare * 100,
        '%',
        `< ${MAX_EXTRA_SHARE * 100}`,
        extraShare < MAX_EXTRA_SHARE,
      ),
      promised('first store ×10 slower: P95 of answers', ratios.answer, '×', bar, ratios.answer < MAX_SLOWDOWN),
      promised('first store ×10 slower: P95 of retrieval', ratios.retrieval, '×', bar, ratios.retrieval < MAX_SLOWDOWN),
    ],
    raw: { extraShare, healthy: usual, slow, slowQueries: slowed.callsMet },
  };
}

/** Of the answers, how many vector queries were made over and above one for each. */
export function extraQueries({ calls }: CloudCounters, records: LoadRecord<AskedQuestion>[]): number {
  const answers = records.filter(({ result }) => result.reply.kind === 'answered').length;
  const queries = calls
    .filter(({ service, operation }) => ['vectorize', 'vector'].includes(service) && operation.startsWith('query'))
    .reduce((sum, { received }) => sum + received, 0);
  return answers === 0 ? 0 : (queries - answers) / answers;
}

function latenciesOf(records: LoadRecord<AskedQuestion>[]) {
  const retrievals = records.flatMap(({ result: { reply } }) => (reply.kind === 'answered' ? [reply.retrievalMs] : []));
  return {
    answer: summariseLatencies(records.map(({ latencyMs }) => latencyMs)),
    retrieval: summariseLatencies(retrievals),
  };
}
