import { expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { anUpstreamError, silentTelemetry } from '../../test/read-path-builders.ts';
import { createCircuits } from '../resilience/circuits.ts';
import { createStoreCircuits } from './store-circuits.ts';

function arrange() {
  const clock = createManualClock();
  const isolated = new Set<string>();
  const circuits = createCircuits({ clock, telemetry: silentTelemetry });
  const stores = createStoreCircuits(circuits, { isIsolated: (name) => isolated.has(name) });
  return { clock, isolated, circuits, stores };
}

it('an order to isolate a store, and its release, are noticed although nobody calls it', () => {
  const { isolated, stores } = arrange();
  expect(stores.rejectionOf('vectorize')).toBeNull();
  isolated.add('vectorize');
  expect(stores.rejectionOf('vectorize')).toMatchObject({ code: 'ISOLATED', dependency: 'vectorize' });
  isolated.delete('vectorize');
  expect(stores.rejectionOf('vectorize')).toBeNull();
  expect(stores.isProbing('vectorize')).toBe(true);
});

it('a store that failed too often turns questions away until its time is over, and is then probed', () => {
  const { clock, circuits, stores } = arrange();
  for (let n = 0; n < 5; n++) {
    const admission = circuits.admit('upstash', 1_000);
    if (admission.kind !== 'admitted') throw new Error('turned away too early');
    const error = anUpstreamError({ dependency: 'upstash' });
    circuits.settle('upstash', admission.ticket, { kind: 'failed', isSlow: false, durationMs: 5, error });
  }
  expect(stores.rejectionOf('upstash')).toMatchObject({ code: 'BREAKER_OPEN', retryAfterMs: 500 });
  expect(stores.isProbing('upstash')).toBe(false);
  clock.advance(500);
  expect([stores.rejectionOf('upstash'), stores.isProbing('upstash')]).toEqual([null, true]);
});
