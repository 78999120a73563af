import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGuardedCalls } from '../../test/support/guarded-calls.ts';
import { aScriptedStream } from '../../test/support/scripted-stream.ts';
import { systemClock } from '../clock.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import type { GenerateOptions, Generation, GenerationStep } from './generator.ts';
import { createWorkersAiGenerator } from './workers-ai-generator.ts';

const MODEL = '@cf/test/model';
const CIRCUIT = `workers-ai:${MODEL}`;
const messages = [{ role: 'user' as const, content: 'What is the limit?' }];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function aModel() {
  const guarded = createGuardedCalls();
  const stream = aScriptedStream();
  const deferred: Promise<unknown>[] = [];
  let signal: AbortSignal | undefined;
  const generator = createWorkersAiGenerator({
    ai: {
      async run(_model, _inputs, options) {
        signal = options?.signal;
        return stream.body;
      },
    },
    ...{ model: MODEL, gateway: null, clock: systemClock },
    ...{ callUpstream: guarded.callUpstream, telemetry: guarded.telemetry },
    defer: (_name, promise) => void deferred.push(promise),
    timeoutMs: 2_000,
    idleTimeoutMs: 1_000,
  });
  return {
    stream,
    start: (options: Partial<GenerateOptions> = {}) =>
      generator.start(messages, {
        maxTokens: 64,
        firstToken: deadlineIn(systemClock, 2_000),
        deadline: deadlineIn(systemClock, 10_000),
        ...options,
      }),
    isStopped: () => signal?.aborted === true && stream.isCancelled(),
    circuit: () => guarded.circuits.view(CIRCUIT),
    async counted() {
      await Promise.all(deferred);
      return guarded.telemetry.exposition();
    },
  };
}

async function begin(options: Partial<GenerateOptions> = {}) {
  const model = aModel();
  model.stream.say('One');
  const started = await model.start(options);
  if (!started.ok) throw new Error(`not started: ${started.error.code}`);
  return { ...model, generation: started.value };
}

/** The next step, however long the model lets one wait. */
async function patiently(generation: Generation): Promise<GenerationStep> {
  const next = generation.next();
  await vi.runAllTimersAsync();
  return next;
}

describe('a model under way', () => {
  it('hands on each token when it comes, the first one with the start', async () => {
    const { generation, stream } = await begin();
    expect(await generation.next()).toEqual({ kind: 'text', text: 'One' });
    const second = generation.next();
    stream.say(' megabyte');
    expect(await second).toEqual({ kind: 'text', text: ' megabyte' });
    stream.count(9, 4);
    stream.done();
    const usage = { promptTokens: 9, completionTokens: 4, estimated: false };
    expect(await generation.next()).toEqual({ kind: 'end', isCut: false, usage });
    expect(generation.cancel()).toEqual(usage);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is over when it has said so, however long its usage is waited for, which is then estimated', async () => {
    const { generation, stream, isStopped } = await begin();
    await generation.next();
    const startedAtMs = Date.now();
    const usage = { promptTokens: expect.any(Number), completionTokens: 1, estimated: true };
    const last = generation.next();
    stream.finish();
    await vi.runAllTimersAsync();
    expect(await last).toEqual({ kind: 'end', isCut: false, usage });
    expect(Date.now() - startedAtMs).toBe(500);
    expect(isStopped()).toBe(true);
  });

  it('that is cancelled is stopped, and says what it has used', async () => {
    const { generation, isStopped, counted } = await begin();
    await generation.next();
    const waiting = generation.next();
    expect(generation.cancel()).toMatchObject({ completionTokens: 1, estimated: true });
    expect(await waiting).toMatchObject({ kind: 'failed', error: { code: 'CANCELLED' } });
    expect(isStopped()).toBe(true);
    expect(await generation.next()).toMatchObject({ kind: 'failed', error: { code: 'CANCELLED' } });
    expect(await counted()).toContain('outcome="cancelled"');
  });

  it('is stopped at once when nobody wants it any more, also while nobody asks for its next token', async () => {
    const leaving = new AbortController();
    const { generation, isStopped, circuit } = await begin({ signal: leaving.signal });
    leaving.abort();
    expect(isStopped()).toBe(true);
    expect(await generation.next()).toMatchObject({ kind: 'failed', error: { code: 'CANCELLED' } });
    expect(circuit().lastError).toBeNull();
  });

  it('that falls silent fails after its patience, and that is held against it', async () => {
    const { generation, isStopped, circuit, counted } = await begin();
    await generation.next();
    const startedAtMs = Date.now();
    expect(await patiently(generation)).toMatchObject({
      kind: 'failed',
      error: { code: 'TIMEOUT', class: 'transient', dependency: 'workers-ai', operation: 'stream' },
      usage: { estimated: true },
    });
    expect(Date.now() - startedAtMs).toBe(1_000);
    expect(isStopped()).toBe(true);
    expect(await counted()).toContain(`vigil_generations_total{generator="${MODEL}",outcome="interrupted"} 1`);
    expect(circuit().lastError).toMatchObject({ code: 'TIMEOUT' });
  });

  it('out of its time fails without any blame', async () => {
    const { generation, isStopped, circuit, counted } = await begin({ deadline: deadlineIn(systemClock, 300) });
    await generation.next();
    expect(await patiently(generation)).toMatchObject({ kind: 'failed', error: { code: 'DEADLINE' } });
    expect(isStopped()).toBe(true);
    expect(await counted()).toContain('outcome="late"');
    expect(circuit().lastError).toBeNull();
  });

  it('whose words come faster than they are read is held to its time all the same', async () => {
    const { generation, stream, counted } = await begin({ deadline: deadlineIn(systemClock, 300) });
    await generation.next();
    for (let n = 0; n < 9; n++) stream.say(' more');
    vi.setSystemTime(Date.now() + 301);
    expect(await generation.next()).toMatchObject({ kind: 'failed', error: { code: 'DEADLINE' } });
    expect(await counted()).toContain('outcome="late"');
  });

  it('that has said its last word is not late', async () => {
    const { generation, stream } = await begin({ deadline: deadlineIn(systemClock, 300) });
    await generation.next();
    const last = generation.next();
    stream.finish();
    await vi.advanceTimersByTimeAsync(10);
    vi.setSystemTime(Date.now() + 301);
    await vi.runAllTimersAsync();
    expect(await last).toMatchObject({ kind: 'end' });
  });

  it.each([
    [
      'its connection',
      (stream: ReturnType<typeof aScriptedStream>) => stream.break(new Error('Network connection lost.')),
      'INTERRUPTED',
    ],
    ['its stream', (stream: ReturnType<typeof aScriptedStream>) => stream.close(), 'INTERRUPTED'],
  ])('that loses %s fails', async (_what, lose, code) => {
    const { generation, stream, counted } = await begin();
    await generation.next();
    lose(stream);
    expect(await generation.next()).toMatchObject({ kind: 'failed', error: { code } });
    expect(await counted()).toContain('operation="stream",outcome="transient"');
  });

  it('opens its breaker when its answers keep breaking off, however well they begin', async () => {
    const model = aModel();
    const { callUpstream, circuits, telemetry } = createGuardedCalls();
    const deferred: Promise<unknown>[] = [];
    for (let n = 0; n < 5; n++) {
      const stream = aScriptedStream();
      const generator = createWorkersAiGenerator({
        ai: { run: async () => stream.body },
        ...{ model: MODEL, gateway: null, clock: systemClock, callUpstream, telemetry },
        defer: (_name, promise) => void deferred.push(promise),
        ...{ timeoutMs: 2_000, idleTimeoutMs: 1_000 },
      });
      stream.say('One');
      const options = {
        maxTokens: 9,
        firstToken: deadlineIn(systemClock, 2_000),
        deadline: deadlineIn(systemClock, 9_000),
      };
      const started = await generator.start(messages, options);
      if (!started.ok) throw new Error('not started');
      await started.value.next();
      stream.close();
      await started.value.next();
      await Promise.all(deferred);
    }
    expect(circuits.view(CIRCUIT).state).toBe('open');
    expect(model.circuit().state).toBe('closed');
  });
});

describe('a model that does not begin', () => {
  it('is given up and stopped at the deadline for its first token', async () => {
    const model = aModel();
    const starting = model.start({ firstToken: deadlineIn(systemClock, 500) });
    await vi.runAllTimersAsync();
    expect(await starting).toMatchObject({ ok: false, error: { code: 'TIMEOUT', operation: 'generate' } });
    expect(model.isStopped()).toBe(true);
  });

  it('is stopped when nobody wants the answer any more', async () => {
    const model = aModel();
    const leaving = new AbortController();
    const starting = model.start({ signal: leaving.signal });
    await vi.advanceTimersByTimeAsync(10);
    leaving.abort();
    expect(await starting).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
    await vi.advanceTimersByTimeAsync(0);
    expect(model.isStopped()).toBe(true);
    expect(model.circuit().lastError).toMatchObject({ code: 'CANCELLED' });
  });

  it('is stopped also when its stream comes after all', async () => {
    const late = aScriptedStream();
    const { callUpstream, telemetry } = createGuardedCalls();
    const generator = createWorkersAiGenerator({
      ai: {
        async run() {
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          return late.body;
        },
      },
      ...{ model: MODEL, gateway: null, clock: systemClock, callUpstream, telemetry, defer: () => {} },
      ...{ timeoutMs: 500, idleTimeoutMs: 1_000 },
    });
    const deadline = deadlineIn(systemClock, 9_000);
    const starting = generator.start(messages, { maxTokens: 9, firstToken: deadline, deadline });
    await vi.runAllTimersAsync();
    expect(await starting).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(late.isCancelled()).toBe(true);
  });

  it('has not answered when it has nothing to say', async () => {
    const model = aModel();
    model.stream.say('<think>hm</think>  ');
    model.stream.finish();
    model.stream.done();
    expect(await model.start()).toMatchObject({ ok: false, error: { code: 'BAD_ANSWER', message: 'an empty text' } });
    expect(model.isStopped()).toBe(true);
  });
});
