import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { createFlightMemory, createFlights, type FlightTurn } from './flights.ts';

function arrange() {
  const clock = createManualClock();
  const memory = createFlightMemory<string>();
  const flights = createFlights({ memory, clock, turnMs: 6_000 });
  function take(key = 'k'): FlightTurn {
    const turn = flights.tryTake(key);
    if (turn === null) throw new Error('somebody is at it');
    return turn;
  }
  const fail = (turn: FlightTurn, failure = 'down') => flights.land('k', turn, { kind: 'failed', failure });
  const make = (turn: FlightTurn, key = 'k') => flights.land(key, turn, { kind: 'made', value: 'answer' });
  return { clock, memory, flights, take, fail, make };
}

describe('a flight', () => {
  it('is awaited while somebody says so again and again, until it lands or its turn is over', () => {
    const { flights, clock, take } = arrange();
    flights.noteWaiting('k');
    const turn = take();
    expect(flights.isAwaited(turn)).toBe(false);
    flights.noteWaiting('k');
    clock.advance(200);
    flights.noteWaiting('k');
    clock.advance(249);
    expect(flights.isAwaited(turn)).toBe(true);
    clock.advance(1);
    expect(flights.isAwaited(turn)).toBe(false);
    clock.advance(5_500);
    flights.noteWaiting('k');
    clock.advance(50);
    expect(flights.isAwaited(turn)).toBe(false);
  });

  it('is one request’s until it lands, and its result there for who looks within 3 s', () => {
    const { flights, clock, take, make } = arrange();
    expect(flights.look('k')).toEqual({ kind: 'nothing' });
    const turn = take();
    expect(flights.tryTake('k')).toBeNull();
    expect(flights.tryTake('other')).not.toBeNull();
    expect(flights.look('k')).toEqual({ kind: 'flying' });
    make(turn);
    clock.advance(2_999);
    expect(flights.look('k')).toEqual({ kind: 'made', value: 'answer' });
    clock.advance(1);
    expect(flights.look('k')).toEqual({ kind: 'nothing' });
    expect(flights.tryTake('k')).not.toBeNull();
  });

  it('is over after its turn, whether or not it is heard of again', () => {
    const { flights, clock, take, fail, make } = arrange();
    const first = take();
    clock.advance(5_999);
    expect(flights.tryTake('k')).toBeNull();
    clock.advance(1);
    const second = take();
    // Late news: a failure says nothing any more, and the one who is at it now stays at it.
    fail(first);
    expect(flights.look('k')).toEqual({ kind: 'flying' });
    make(first);
    expect(flights.look('k')).toEqual({ kind: 'made', value: 'answer' });
    expect(flights.tryTake('k')).toBeNull();
    make(second);
    expect(flights.tryTake('k')).not.toBeNull();
  });

  it('that failed is known to have for half a second', () => {
    const { flights, clock, take, fail } = arrange();
    fail(take());
    expect(flights.look('k')).toEqual({ kind: 'failed', failure: 'down', attempts: 1 });
    clock.advance(500);
    expect(flights.look('k')).toEqual({ kind: 'nothing' });
  });

  it('that was taken up after a failure and failed too, however long that took, is known to have', () => {
    const { flights, clock, take, fail } = arrange();
    fail(take(), 'first');
    clock.advance(499);
    const again = take();
    clock.advance(1_500);
    fail(again, 'second');
    expect(flights.look('k')).toEqual({ kind: 'failed', failure: 'second', attempts: 2 });
    clock.advance(500);
    fail(take(), 'much later');
    expect(flights.look('k')).toMatchObject({ attempts: 1 });
  });

  it('leaves what was made out of turn beside whoever is at it', () => {
    const { flights, take } = arrange();
    take();
    flights.leave('k', 'reloaded');
    expect(flights.look('k')).toEqual({ kind: 'made', value: 'reloaded' });
    expect(flights.tryTake('k')).toBeNull();
  });

  it('leaves a bounded number of results behind, for a bounded time', () => {
    const { flights, memory, clock, take, make } = arrange();
    for (let n = 0; n < 1_000; n++) make(take(`k${n}`), `k${n}`);
    expect(memory.landed.size).toBe(300);
    clock.advance(3_000);
    flights.leave('last', 'answer');
    expect([...memory.landed.keys()]).toEqual(['last']);
    expect(memory.turns.size).toBe(0);
  });
});
