import { systemClock } from '../../src/clock.ts';
import { createCallBudget } from '../../src/resilience/call-budget.ts';
import { createCallUpstream, type UpstreamCall } from '../../src/resilience/call-upstream.ts';
import { createCircuits } from '../../src/resilience/circuits.ts';
import { createConnectionSlots, MAX_WAITING_CALLS } from '../../src/resilience/connection-slots.ts';
import { deadlineIn } from '../../src/resilience/deadline.ts';
import { guardUpstream } from '../../src/resilience/guard-upstream.ts';
import { RETRY_BUDGET } from '../../src/resilience/retry.ts';
import { createIsolateTelemetry } from '../../src/telemetry/isolate-telemetry.ts';

export interface RejectionCost {
  medianMicroseconds: number;
  p99Microseconds: number;
  rejections: number;
}

/** What a call pays for an open breaker, from the call to its answer, the breaker itself kept from closing. */
export async function measureRejection(rejections: number): Promise<RejectionCost> {
  const common = { clock: { nowMs: () => 1_000 }, telemetry: createIsolateTelemetry(() => {}) };
  const circuits = createCircuits(common);
  const callUpstream = guardUpstream({
    ...common,
    callOnce: createCallUpstream(common),
    circuits,
    slots: createConnectionSlots(MAX_WAITING_CALLS),
    retryBudget: createCallBudget(RETRY_BUDGET),
    orders: { isIsolated: () => false, refresh: () => null },
    hints: { publish: () => {}, refresh: () => {} },
    random: () => 0,
    wait: async () => {},
  });
  const call: UpstreamCall = {
    dependency: 'vectorize',
    operation: 'query',
    deadline: deadlineIn(systemClock, 60_000),
    timeoutMs: 1_000,
    classify: () => ({ class: 'transient', code: 'NETWORK', message: 'refused' }),
  };
  const refuse = () => Promise.reject(new Error('refused'));
  for (let n = 0; n < 5; n++) await callUpstream(call, refuse);
  if (circuits.view('vectorize').state !== 'open') throw new Error('the breaker did not open');

  const microseconds = new Float64Array(rejections);
  for (let n = 0; n < rejections; n++) {
    const startedAt = performance.now();
    const { ok } = await callUpstream(call, refuse);
    microseconds[n] = (performance.now() - startedAt) * 1_000;
    if (ok) throw new Error('the breaker let a call pass');
  }
  microseconds.sort();
  return {
    medianMicroseconds: microseconds[Math.floor(rejections / 2)] ?? 0,
    p99Microseconds: microseconds[Math.floor(rejections * 0.99)] ?? 0,
    rejections,
  };
}
