import { systemClock } from '../../src/clock.ts';
import { createCallBudget } from '../../src/resilience/call-budget.ts';
import { createCallUpstream } from '../../src/resilience/call-upstream.ts';
import { createCircuits } from '../../src/resilience/circuits.ts';
import { createConnectionSlots, MAX_WAITING_CALLS } from '../../src/resilience/connection-slots.ts';
import { guardUpstream } from '../../src/resilience/guard-upstream.ts';
import { RETRY_BUDGET } from '../../src/resilience/retry.ts';
import { createIsolateTelemetry } from '../../src/telemetry/isolate-telemetry.ts';

/** Calls as an isolate guards them, breakers and retries included, with nobody's orders and no neighbours. */
export function createGuardedCalls() {
  const lines: string[] = [];
  const telemetry = createIsolateTelemetry((line) => lines.push(line));
  const common = { clock: systemClock, telemetry };
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
  return { callUpstream, circuits, telemetry, lines };
}
