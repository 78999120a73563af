import * as z from 'zod';
import type { Reconciliation } from '../catalog/reconciliation-record.ts';

const storeReport = z.object({
  checked: z.number().int().meta({ description: 'Chunks (of `documents`: originals) that should be there.' }),
  missing: z.number().int(),
  stale: z.number().int().meta({ description: 'There, with another content than they should have.' }),
  orphaned: z.number().int().meta({ description: 'There, and of no document.' }),
  repaired: z.number().int().meta({ description: 'Of these: given back to ingestion, or removed.' }),
  outcome: z.enum(['compared', 'stopped', 'unavailable']),
  code: z.string().nullable().meta({ description: 'Why the store is `unavailable`.' }),
});

/** A comparison of the catalog with everything made from it, on the wire. */
export const reconciliationSchema = z
  .object({
    id: z.string(),
    namespace: z.string().nullable().meta({ description: '`null`: all of them.' }),
    force: z.boolean(),
    requestedBy: z.enum(['schedule', 'operator']),
    state: z.enum(['running', 'finished', 'stopped', 'failed']),
    phase: z
      .enum(['chunks', 'listings', 'objects', 'removed', 'judging', 'repairs'])
      .nullable()
      .meta({ description: 'What it is doing; `null` when it is over. Nothing is repaired before `repairs`.' }),
    stores: z.record(z.string(), storeReport),
    unrepaired: z.number().int().meta({ description: 'Differences that are still there.' }),
    advice: z.string().nullable(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    statusUrl: z.string(),
  })
  .meta({ id: 'Reconciliation' });
export type ReconciliationView = z.infer<typeof reconciliationSchema>;

export const reconciliationListSchema = z.object({ reconciliations: z.array(reconciliationSchema) });

/** The address of a run: what `Location` and `statusUrl` say. */
export function reconciliationPath(id: string): string {
  return `/v1/admin/reconciliations/${encodeURIComponent(id)}`;
}

export function viewReconciliation(run: Reconciliation, origin: string): ReconciliationView {
  const tallies = Object.values(run.tallies);
  const unrepaired = tallies.reduce((sum, { missing, stale, orphaned, repaired }) => {
    return sum + missing + stale + orphaned - repaired;
  }, 0);
  return {
    id: run.id,
    namespace: run.namespace,
    force: run.isForced,
    requestedBy: run.requestedBy,
    state: run.state,
    phase: run.state === 'running' ? run.position.phase : null,
    stores: run.tallies,
    unrepaired,
    advice: adviceOn(run),
    startedAt: new Date(run.startedAtMs).toISOString(),
    finishedAt: run.finishedAtMs === null ? null : new Date(run.finishedAtMs).toISOString(),
    statusUrl: `${origin}${reconciliationPath(run.id)}`,
  };
}

function adviceOn({ state, tallies }: Reconciliation): string | null {
  if (state === 'running') return null;
  if (state === 'failed') return 'It could not go on. Start another one; the log has `upstream.failed` for its calls.';
  const of = (outcome: string) =>
    Object.entries(tallies).flatMap(([name, tally]) => (tally.outcome === outcome ? [name] : []));
  const [stopped, unavailable] = [of('stopped'), of('unavailable')];
  if (stopped.length > 0) {
    return `Implausibly much differs in ${stopped.join(', ')}, and nothing was repaired there. If that is a new or emptied index, or really to be repaired, start another one with force.`;
  }
  if (unavailable.length > 0) return `${unavailable.join(', ')} could not be asked. Start another one when it is back.`;
  const sources = tallies.documents?.missing ?? 0;
  if (sources > 0)
    return `${sources} originals are gone: put these documents again. The log names each: SOURCE_MISSING.`;
  return null;
}
