import { setTimeout as wait } from 'node:timers/promises';
import { type ApiClient, type ApiReconciliation, describeFailure } from '../api-client.ts';
import { CommandFailure } from '../command.ts';
import type { Output } from '../output.ts';

export interface FollowOptions {
  client: Pick<ApiClient, 'startReconciliation' | 'getReconciliation'>;
  order: { namespace: string | null; force: boolean };
  timeoutMs: number;
  output: Pick<Output, 'line'>;
  intervalMs?: number;
}

const INTERVAL_MS = 1_000;
const FAILURES_IN_A_ROW = 5;

/** Starts a comparison, says when it goes on to its next phase, and waits for its end. */
export async function followReconciliation(options: FollowOptions): Promise<ApiReconciliation> {
  const { client, order, timeoutMs, output, intervalMs = INTERVAL_MS } = options;
  const started = await client.startReconciliation(order);
  if (!started.ok) throw new CommandFailure(describeFailure(started.error));
  const { id } = started.value.value;
  output.line(`Reconciliation ${id}`);
  let phase: string | null = null;
  let failures = 0;
  for (const untilMs = Date.now() + timeoutMs; Date.now() < untilMs; await wait(intervalMs)) {
    const read = await client.getReconciliation(id);
    if (!read.ok) {
      failures += 1;
      if (failures >= FAILURES_IN_A_ROW) throw new CommandFailure(describeFailure(read.error));
      continue;
    }
    failures = 0;
    const report = read.value.value;
    if (report.state !== 'running') return report;
    if (report.phase !== phase) output.line(`  ${describePhase(report.phase)}`);
    phase = report.phase;
  }
  throw new CommandFailure(`It goes on, but no longer followed: GET /v1/admin/reconciliations/${id} has its report.`);
}

function describePhase(phase: ApiReconciliation['phase']): string {
  switch (phase) {
    case 'chunks':
      return 'comparing every chunk with every store';
    case 'listings':
      return 'looking for chunks of no document';
    case 'objects':
      return 'looking for originals of no document';
    case 'removed':
      return 'looking for chunks that came back';
    case 'judging':
    case 'repairs':
      return 'repairing';
    case null:
      return 'over';
  }
}
