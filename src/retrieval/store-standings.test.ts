import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { silentTelemetry } from '../../test/read-path-builders.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import { createStandingsMemory, createStoreStandings } from './store-standings.ts';

const STORES = ['vectorize', 'vectorize-replica', 'upstash'];

function arrange() {
  const clock = createManualClock();
  const events: TelemetryEvent[] = [];
  const telemetry = { ...silentTelemetry, emit: (event: TelemetryEvent) => void events.push(event) };
  const standings = createStoreStandings({ clock, telemetry, memory: createStandingsMemory(), minHedgeDelayMs: 20 });
  const times = (count: number, act: () => void) => Array.from({ length: count }).forEach(act);
  return { clock, events, standings, times };
}

describe('the standing of a store', () => {
  it('is good at first, so that stores are asked as configured', () => {
    const { standings } = arrange();
    expect(standings.rank(STORES)).toEqual({ preferred: STORES, demoted: [] });
  });

  it('ends when it was overtaken three times in a row', () => {
    const { standings, events } = arrange();
    standings.noteOvertaken('vectorize', 300);
    standings.noteOvertaken('vectorize', 300);
    expect(standings.rank(STORES).demoted).toEqual([]);
    standings.noteOvertaken('vectorize', 310);
    expect(standings.rank(STORES)).toEqual({ preferred: ['vectorize-replica', 'upstash'], demoted: ['vectorize'] });
    expect(events).toEqual([{ event: 'store.demoted', store: 'vectorize', usualMs: 250, waitedMs: 310 }]);
  });

  it('survives being overtaken now and then', () => {
    const { standings, times } = arrange();
    times(50, () => {
      standings.noteOvertaken('vectorize', 300);
      standings.noteOvertaken('vectorize', 300);
      standings.noteAnswer('vectorize', 30);
    });
    expect(standings.rank(STORES).demoted).toEqual([]);
  });

  it('is good again after one answer as fast as it used to be, and not after a slow one', () => {
    const { standings, events, times } = arrange();
    times(30, () => standings.noteAnswer('vectorize', 40));
    times(30, () => standings.noteAnswer('vectorize-replica', 45));
    times(3, () => standings.noteOvertaken('vectorize', 90));
    standings.noteAnswer('vectorize', 400);
    expect(standings.rank(STORES).demoted).toEqual(['vectorize']);
    standings.noteAnswer('vectorize', 44);
    expect(standings.rank(STORES).demoted).toEqual([]);
    expect(events.at(-1)).toEqual({ event: 'store.restored', store: 'vectorize', durationMs: 44 });
  });
});

it('a slow store stays demoted beside one that nobody has asked, whose speed is only assumed', () => {
  const { standings, times } = arrange();
  times(30, () => standings.noteAnswer('vectorize', 40));
  standings.rank(STORES);
  times(3, () => standings.noteOvertaken('vectorize', 90));
  standings.noteAnswer('vectorize', 200);
  expect(standings.rank(STORES).demoted).toEqual(['vectorize']);
});

describe('the time after which another store is asked too', () => {
  it('is a guess until enough answers were seen, then the P95 of the last minute', () => {
    const { clock, standings } = arrange();
    for (let ms = 1; ms <= 19; ms++) standings.noteAnswer('vectorize', 100 + ms);
    expect(standings.hedgeDelayMs('vectorize')).toBe(250);
    standings.noteAnswer('vectorize', 120);
    expect(standings.hedgeDelayMs('vectorize')).toBe(119);
    clock.advance(61_000);
    expect(standings.hedgeDelayMs('vectorize')).toBe(250);
  });

  it('is never so short that a store’s own noise would cost calls', () => {
    const { standings, times } = arrange();
    times(30, () => standings.noteAnswer('vectorize', 2));
    expect(standings.hedgeDelayMs('vectorize')).toBe(20);
  });
});

describe('a trial', () => {
  function withDemoted() {
    const world = arrange();
    world.times(3, () => world.standings.noteOvertaken('vectorize', 300));
    return world;
  }

  it('is due two seconds after the demotion and then every two seconds', () => {
    const { clock, standings } = withDemoted();
    expect(standings.takeTrial(['vectorize'])).toBeNull();
    clock.advance(2_000);
    expect(standings.takeTrial(['vectorize'])).toBe('vectorize');
    expect(standings.takeTrial(['vectorize'])).toBeNull();
    clock.advance(2_000);
    expect(standings.takeTrial(['vectorize'])).toBe('vectorize');
  });

  it('waits when no extra call may be made', () => {
    const { clock, standings } = withDemoted();
    clock.advance(2_000);
    while (standings.tryExtraCall());
    expect(standings.takeTrial(['vectorize'])).toBeNull();
    for (let n = 0; n < 13; n++) standings.noteQuestion();
    expect(standings.takeTrial(['vectorize'])).toBe('vectorize');
  });
});

it('extra calls stay below a tenth of the questions, but for the ten that are saved up', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 2_000 }), (wishes) => {
      const { standings } = arrange();
      let extra = 0;
      for (const wished of wishes) {
        standings.noteQuestion();
        if (wished && standings.tryExtraCall()) extra += 1;
      }
      expect(extra).toBeLessThanOrEqual(10 + 0.08 * wishes.length);
    }),
  );
});
