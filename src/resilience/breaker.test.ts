import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  admit,
  adoptHint,
  BREAKER_SETTINGS,
  type BreakerState,
  type CallOutcome,
  CLOSED,
  rejectionOf,
  setIsolated,
  settle,
} from './breaker.ts';

const settings = {
  ...BREAKER_SETTINGS,
  consecutiveFailures: 3,
  minimumCalls: 6,
  bucketMs: 100,
  buckets: 5,
  firstOpenMs: 50,
  maxOpenMs: 300,
};

const START_MS = 1_000_000;

/** The table of docs/breaker.md, told in another way than the implementation: by what happened, not by what is kept. */
interface Model {
  nowMs: number;
  kind: BreakerState['kind'];
  untilMs: number;
  openings: number;
  probe: { startedAtMs: number; untilMs: number } | null;
  inARow: number;
  ended: { atMs: number; failed: boolean; slow: boolean }[];
  lastAnswerAtMs: number;
  /** Calls under way; `counts` until the state that admitted them has ended. */
  calls: { ticket: number; counts: boolean }[];
}
interface Real {
  state: BreakerState;
}
type Step = fc.Command<Model, Real>;

function enter(model: Model, kind: Model['kind']): void {
  model.kind = kind;
  for (const call of model.calls) call.counts = false;
  model.inARow = 0;
  model.ended = [];
  model.probe = null;
}

function enterOpen(model: Model, openings: number, untilMs: number): void {
  enter(model, 'open');
  model.openings = openings;
  model.untilMs = untilMs;
}

function compare(model: Model, real: Real): void {
  expect(real.state.kind).toBe(model.kind);
  if (real.state.kind === 'open') expect(real.state.untilMs).toBe(model.untilMs);
  if (real.state.kind === 'half-open') expect(real.state.probe).toEqual(model.probe);
}

class Pass implements Step {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check = () => true;
  run(model: Model, real: Real) {
    model.nowMs += this.ms;
    compare(model, real);
  }
  toString = () => `pass(${this.ms})`;
}

class Call implements Step {
  readonly probeMs: number;
  constructor(probeMs: number) {
    this.probeMs = probeMs;
  }
  check = () => true;
  run(model: Model, real: Real) {
    const { nowMs } = model;
    const isWaiting = model.kind === 'open' && nowMs < model.untilMs;
    const isProbed = model.kind === 'half-open' && model.probe !== null && nowMs < model.probe.untilMs;
    const admission = admit(real.state, nowMs, this.probeMs);
    if (model.kind === 'isolated' || isWaiting || isProbed) {
      const retryAfterMs = (isProbed ? (model.probe?.untilMs ?? 0) : model.untilMs) - nowMs;
      const rejection = model.kind === 'isolated' ? { reason: 'isolated' } : { reason: 'open', retryAfterMs };
      expect(admission).toEqual({ kind: 'rejected', rejection });
      expect(rejectionOf(real.state, nowMs)).toEqual(rejection);
      return;
    }
    expect(rejectionOf(real.state, nowMs)).toBeNull();
    if (admission.kind !== 'admitted') throw new Error('rejected against the table');
    real.state = admission.state;
    if (model.kind !== 'closed') {
      enter(model, 'half-open');
      model.probe = { startedAtMs: nowMs, untilMs: nowMs + this.probeMs };
    }
    model.calls.push({ ticket: admission.ticket, counts: true });
    expect(model.kind !== 'half-open' || model.calls.filter(({ counts }) => counts).length === 1).toBe(true);
    compare(model, real);
  }
  toString = () => `call(${this.probeMs})`;
}

class End implements Step {
  readonly which: number;
  readonly outcome: CallOutcome;
  constructor(which: number, outcome: CallOutcome) {
    this.which = which;
    this.outcome = outcome;
  }
  check = (model: Readonly<Model>) => model.calls.length > 0;
  run(model: Model, real: Real) {
    const [call] = model.calls.splice(this.which % model.calls.length, 1);
    if (call === undefined) return;
    real.state = settle(real.state, call.ticket, this.outcome, model.nowMs, settings);
    if (call.counts) this.apply(model);
    compare(model, real);
  }
  private apply(model: Model) {
    const { kind, isSlow } = this.outcome;
    const { nowMs } = model;
    if (model.kind === 'half-open') {
      const startedAtMs = model.probe?.startedAtMs ?? 0;
      if (kind === 'unknown') model.probe = null;
      if (kind === 'answered') {
        enter(model, 'closed');
        model.lastAnswerAtMs = nowMs;
      }
      if (kind === 'failed') {
        const openings = model.openings + 1;
        const openMs = [50, 100, 200, 300][Math.min(openings, 4) - 1] ?? 0;
        enterOpen(model, openings, Math.max(startedAtMs + openMs, nowMs + 50));
      }
      return;
    }
    if (kind === 'unknown') return;
    model.ended.push({ atMs: nowMs, failed: kind === 'failed', slow: isSlow });
    model.inARow = kind === 'failed' ? model.inARow + 1 : 0;
    if (kind === 'answered') model.lastAnswerAtMs = nowMs;
    const lately = model.ended.filter(({ atMs }) => Math.floor(nowMs / 100) - Math.floor(atMs / 100) < 5);
    const failures = lately.filter(({ failed }) => failed).length;
    const slow = lately.filter((call) => call.slow).length;
    const isRateReached = lately.length >= 6 && (failures * 2 >= lately.length || slow * 10 >= lately.length * 8);
    if (model.inARow >= 3 || isRateReached) enterOpen(model, 1, nowMs + 50);
  }
  toString = () => `end(${this.which}, ${this.outcome.kind}${this.outcome.isSlow ? ', slow' : ''})`;
}

class Order implements Step {
  readonly isolated: boolean;
  constructor(isolated: boolean) {
    this.isolated = isolated;
  }
  check = () => true;
  run(model: Model, real: Real) {
    real.state = setIsolated(real.state, this.isolated);
    if (this.isolated && model.kind !== 'isolated') enter(model, 'isolated');
    if (!this.isolated && model.kind === 'isolated') {
      enter(model, 'half-open');
      model.openings = 0;
    }
    compare(model, real);
  }
  toString = () => (this.isolated ? 'isolate' : 'release');
}

class Hint implements Step {
  readonly ageMs: number;
  readonly forMs: number;
  constructor(ageMs: number, forMs: number) {
    this.ageMs = ageMs;
    this.forMs = forMs;
  }
  check = () => true;
  run(model: Model, real: Real) {
    const { nowMs } = model;
    const hint = { openedAtMs: nowMs - this.ageMs, untilMs: nowMs - this.ageMs + this.forMs };
    real.state = adoptHint(real.state, hint, nowMs, settings);
    if (model.kind === 'closed' && hint.untilMs > nowMs && model.lastAnswerAtMs < hint.openedAtMs) {
      enterOpen(model, 1, Math.min(hint.untilMs, nowMs + 300));
    }
    compare(model, real);
  }
  toString = () => `hint(${this.ageMs}, ${this.forMs})`;
}

const outcome = fc.oneof(
  { weight: 5, arbitrary: fc.constant<CallOutcome>({ kind: 'failed', isSlow: false }) },
  { weight: 1, arbitrary: fc.constant<CallOutcome>({ kind: 'failed', isSlow: true }) },
  { weight: 3, arbitrary: fc.constant<CallOutcome>({ kind: 'answered', isSlow: false }) },
  { weight: 2, arbitrary: fc.constant<CallOutcome>({ kind: 'answered', isSlow: true }) },
  { weight: 1, arbitrary: fc.constant<CallOutcome>({ kind: 'unknown', isSlow: true }) },
);

test('behaves as its table says, whatever happens in whatever order', async () => {
  const steps = fc.commands(
    [
      fc.integer({ min: 1, max: 200 }).map((ms) => new Pass(ms)),
      fc.integer({ min: 20, max: 200 }).map((ms) => new Call(ms)),
      fc.integer({ min: 20, max: 200 }).map((ms) => new Call(ms)),
      fc.tuple(fc.nat(20), outcome).map(([which, ended]) => new End(which, ended)),
      fc.tuple(fc.nat(20), outcome).map(([which, ended]) => new End(which, ended)),
      fc.boolean().map((isolated) => new Order(isolated)),
      fc.tuple(fc.nat(200), fc.nat(500)).map(([age, length]) => new Hint(age, length)),
    ],
    { maxCommands: 120, size: '+1' },
  );
  const visited = new Set<string>();
  await fc.assert(
    fc.property(steps, (commands) => {
      const setup = () => {
        const model: Model = {
          nowMs: START_MS,
          kind: 'closed',
          untilMs: 0,
          openings: 0,
          probe: null,
          inARow: 0,
          ended: [],
          lastAnswerAtMs: Number.NEGATIVE_INFINITY,
          calls: [],
        };
        return { model, real: { state: CLOSED } };
      };
      const started = setup();
      fc.modelRun(() => started, commands);
      visited.add(`${started.model.kind} ${started.model.openings}`);
    }),
    { seed: 3, numRuns: 2_000 },
  );
  // The random walk has to have been everywhere, or it proves nothing.
  for (const place of ['closed 0', 'open 1', 'open 2', 'half-open 1', 'isolated 1']) expect(visited).toContain(place);
});

describe('with its production settings', () => {
  const failed: CallOutcome = { kind: 'failed', isSlow: false };

  function run(state: BreakerState, outcomes: CallOutcome[], everyMs: number, fromMs = START_MS) {
    let current = state;
    let nowMs = fromMs;
    for (const ended of outcomes) {
      nowMs += everyMs;
      const admission = admit(current, nowMs, 1_000);
      if (admission.kind === 'rejected') break;
      current = settle(admission.state, admission.ticket, ended, nowMs, BREAKER_SETTINGS);
    }
    return { state: current, nowMs };
  }

  test('opens at the fifth failure in a row', () => {
    expect(run(CLOSED, Array(4).fill(failed), 10).state.kind).toBe('closed');
    expect(run(CLOSED, Array(5).fill(failed), 10).state.kind).toBe('open');
  });

  test('opens when every second call fails', () => {
    const flapping = Array.from(
      { length: 10 },
      (_, n): CallOutcome => (n % 2 ? failed : { ...failed, kind: 'answered' }),
    );
    expect(run(CLOSED, flapping.slice(0, 9), 10).state.kind).toBe('closed');
    expect(run(CLOSED, flapping, 10).state.kind).toBe('open');
  });

  test('opens when nearly every call is slow', () => {
    expect(run(CLOSED, Array(10).fill({ kind: 'answered', isSlow: true }), 10).state.kind).toBe('open');
  });

  test('never stays open for longer than 5 s, however often its probe fails', () => {
    let { state, nowMs } = run(CLOSED, Array(5).fill(failed), 10);
    const openTimes: number[] = [];
    for (let n = 0; n < 8; n++) {
      if (state.kind !== 'open') throw new Error('not open');
      openTimes.push(state.untilMs - nowMs);
      nowMs = state.untilMs;
      const admission = admit(state, nowMs, 1_000);
      if (admission.kind === 'rejected') throw new Error('no probe');
      state = settle(admission.state, admission.ticket, failed, nowMs, BREAKER_SETTINGS);
    }
    expect(openTimes).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
  });

  test('the time a probe hung is part of the wait', () => {
    const opened = run(CLOSED, Array(5).fill(failed), 10);
    const probe = admit(opened.state, START_MS + 10_000, 6_000);
    if (probe.kind === 'rejected') throw new Error('no probe');
    const nowMs = START_MS + 16_000;
    const reopened = settle(probe.state, probe.ticket, failed, nowMs, BREAKER_SETTINGS);
    expect(reopened).toMatchObject({ kind: 'open', untilMs: nowMs + 500 });
  });
});
