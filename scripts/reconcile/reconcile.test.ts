import { describe, expect, it } from 'vitest';
import { fail, succeed } from '../../src/result.ts';
import type { ApiReconciliation } from '../api-client.ts';
import { CommandFailure } from '../command.ts';
import { describeReport } from './describe-report.ts';
import { type FollowOptions, followReconciliation } from './follow-reconciliation.ts';

const store = {
  checked: 1_200,
  missing: 0,
  stale: 0,
  orphaned: 0,
  repaired: 0,
  outcome: 'compared' as const,
  code: null,
};
const report = (parts: Partial<ApiReconciliation> = {}): ApiReconciliation => ({
  id: 'run-1',
  state: 'finished',
  phase: null,
  stores: { vectorize: { ...store, missing: 3, repaired: 3 }, lexical: store },
  unrepaired: 0,
  advice: null,
  ...parts,
});

describe('the report of a reconciliation', () => {
  it('is a table with a line a store', () => {
    expect(describeReport(report()).split('\n')).toEqual([
      'store      checked  missing  stale  orphaned  repaired  outcome',
      'vectorize     1200        3      0         0         3  compared',
      'lexical       1200        0      0         0         0  compared',
      'finished.',
    ]);
  });

  it('says why a store was not compared, what is left, and what to do', () => {
    const upstash = { ...store, outcome: 'unavailable' as const, code: 'BREAKER_OPEN' };
    const told = describeReport(report({ stores: { upstash }, unrepaired: 7, state: 'stopped', advice: 'Do this.' }));
    expect(told).toContain('unavailable (BREAKER_OPEN)');
    expect(told.split('\n').at(-1)).toBe('stopped, 7 differences are left. Do this.');
  });
});

describe('following a reconciliation', () => {
  const unreachable = fail({ kind: 'unreachable', url: 'http://x', message: 'no' } as const);

  function follow(answers: (ApiReconciliation | null)[], parts: Partial<FollowOptions> = {}) {
    const lines: string[] = [];
    const client: FollowOptions['client'] = {
      startReconciliation: async () => succeed({ value: { id: 'run-1' }, raw: null }),
      async getReconciliation() {
        const value = answers.shift() ?? null;
        return value === null ? unreachable : succeed({ value, raw: null });
      },
    };
    const output = { line: (text: string) => void lines.push(text) };
    const order = { namespace: null, force: false };
    return { lines, end: followReconciliation({ client, order, timeoutMs: 10_000, intervalMs: 0, output, ...parts }) };
  }

  it('tells each phase once, survives a failed look, and gives the report', async () => {
    const running = (phase: ApiReconciliation['phase']) => report({ state: 'running', phase });
    const { lines, end } = follow([running('chunks'), running('chunks'), null, running('repairs'), report()]);
    expect(await end).toEqual(report());
    expect(lines).toEqual(['Reconciliation run-1', '  comparing every chunk with every store', '  repairing']);
  });

  it('gives up when nobody answers any more, and when the time is over', async () => {
    await expect(follow([]).end).rejects.toThrow(CommandFailure);
    const running = report({ state: 'running', phase: 'chunks' });
    await expect(follow([running], { timeoutMs: 0 }).end).rejects.toThrow('/v1/admin/reconciliations/run-1');
  });
});
