import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { createFlightMemory, createFlights } from './flights.ts';

function arrange() {
  const clock = createManualClock();
  const memory = createFlightMemory<string>();
  return { clock, memory, flights: createFlights({ memory, clock, turnMs: 6_000 }) };
}

describe('a flight', () => {
  it('is one request’s until it lands, and its result there for who looks within 3 s', () => {
    const { flights, clock } = arrange();
    expect(flights.look('k')).toEqual({ kind: 'nothing' });
    expect([flights.tryTake('k'), flights.tryTake('k'), flights.tryTake('other')]).toEqual([true, false, true]);
    expect(flights.look('k')).toEqual({ kind: 'flying' });
    flights.land('k', { kind: 'made', value: 'answer' });
    clock.advance(2_999);
    expect(flights.look('k')).toEqual({ kind: 'made', value: 'answer' });
    clock.advance(1);
    expect(flights.look('k')).toEqual({ kind: 'nothing' });
    expect(flights.tryTake('k')).toBe(true);
  });

  it('is over after its turn, whether or not it is heard of again', () => {
    const { flights, clock } = arrange();
    flights.tryTake('k');
    clock.advance(5_999);
    expect(flights.tryTake('k')).toBe(false);
    clock.advance(1);
    expect(flights.tryTake('k')).toBe(true);
  });

  it('that failed is known to have for half a second', () => {
    const { flights, clock } = arrange();
    flights.tryTake('k');
    flights.land('k', { kind: 'failed', failure: 'down' });
    expect(flights.look('k')).toEqual({ kind: 'failed', failure: 'down', attempts: 1 });
    clock.advance(500);
    expect(flights.look('k')).toEqual({ kind: 'nothing' });
  });

  it('that failed again within moments is known to have', () => {
    const { flights, clock } = arrange();
    const fail = (failure: string) => flights.land('k', { kind: 'failed', failure });
    fail('first');
    clock.advance(499);
    fail('second');
    expect(flights.look('k')).toEqual({ kind: 'failed', failure: 'second', attempts: 2 });
    clock.advance(500);
    fail('much later');
    expect(flights.look('k')).toMatchObject({ attempts: 1 });
  });

  it('leaves a bounded number of results behind, for a bounded time', () => {
    const { flights, memory, clock } = arrange();
    for (let n = 0; n < 1_000; n++) flights.land(`k${n}`, { kind: 'made', value: 'answer' });
    expect(memory.landed.size).toBe(300);
    clock.advance(3_000);
    flights.land('last', { kind: 'made', value: 'answer' });
    expect([...memory.landed.keys()]).toEqual(['last']);
    expect(memory.turns.size).toBe(0);
  });
});
