import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { leaveStream, type Moment } from '../bench/cancel/leave-stream.ts';
import { readStreamedAnswer, type TimedEvent } from '../bench/stack/streamed-answer.ts';
import { type ControlClient, createControlClient } from '../local/control/control-client.ts';
import { createMachine, type Machine, type StartedVigil } from './support/vigil-command.ts';

// Wrangler's test harness hides a client's leaving from the Worker; `npm start` does not.

const SAMPLE_NAMESPACE = 'vigil-docs';
let machine: Machine;
let vigil: StartedVigil;
let control: ControlClient;

beforeAll(async () => {
  machine = createMachine();
  vigil = await machine.start(machine.newState());
  control = createControlClient(vigil.record.cloudUrl ?? '');
}, 180_000);
beforeEach(() => control.resetCounters());
afterAll(() => machine.scrap());

async function modelsAsked() {
  const { calls, waiting } = await control.counters();
  const own = calls.find(({ service, operation }) => service === 'ai' && operation === 'generate');
  return { received: own?.received ?? 0, cancelled: own?.cancelled ?? 0, waiting: waiting['ai:primary/generate'] ?? 0 };
}

/** How many answers were paid for in part, as the API Worker counts them. */
async function unfinished(): Promise<number> {
  const response = await fetch(`${vigil.url}/metrics`, { headers: { authorization: `Bearer ${vigil.key}` } });
  const counted = /^vigil_answers_unfinished_total\{reason="left"\} (\d+)$/m.exec(await response.text());
  return Number(counted?.[1] ?? 0);
}

it.each<[Moment, string, () => Promise<unknown>]>([
  [
    'after its sources',
    'How long is an answer kept in the cache?',
    () => control.setLatency({ target: 'ai/generate', profile: { kind: 'fixed', ms: 500 } }),
  ],
  [
    'amid its text',
    'What happens when a vector store is down?',
    () => control.setFault({ target: 'ai/generate', mode: 'stalled' }),
  ],
])(
  '(peers 31) a client that leaves %s stops the model, and nothing of the answer is kept',
  async (moment, question, holdUp) => {
    const before = await unfinished();
    await holdUp();
    const leaving = { namespace: SAMPLE_NAMESPACE, question, moment, chance: 0.05 };
    const left = await leaveStream(vigil, leaving, AbortSignal.timeout(20_000));
    expect(left.seen.includes('delta')).toBe(moment === 'amid its text');
    // Well before a model that is silent would be given up for that; `bench -- cancel` promises the second.
    const remainingMs = 4_000 - (performance.now() - left.atMs);
    await expect
      .poll(modelsAsked, { timeout: remainingMs, interval: 20 })
      .toEqual({ received: 1, cancelled: 1, waiting: 0 });
    await Promise.all([control.clearLatency(), control.clearFaults()]);
    await expect.poll(unfinished).toBe(before + 1);
    const asked = { namespace: SAMPLE_NAMESPACE, body: { question }, signal: AbortSignal.timeout(20_000) };
    const events: TimedEvent[] = [];
    for await (const event of readStreamedAnswer(vigil, asked)) events.push(event);
    expect(events.at(-1)?.event).toMatchObject({ type: 'done', answer: { cache: { response: 'miss' } } });
    expect(await modelsAsked()).toMatchObject({ received: 2, cancelled: 1 });
  },
  40_000,
);
