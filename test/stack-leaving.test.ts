import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { readStreamedAnswer, type TimedEvent } from '../bench/stack/streamed-answer.ts';
import { type ControlClient, createControlClient } from '../local/control/control-client.ts';
import { createMachine, type Machine, type StartedVigil } from './support/vigil-command.ts';

// Wrangler's test harness hides a client's leaving from the Worker; `npm start` does not.

const NAMESPACE = 'vigil-docs';
const STOPPED_WITHIN_MS = 1_000;
/** Longer than the local runtime, which hears of a leaving by writing, has anything of the model to write. */
const SILENT_FOR_MS = 150;
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

async function modelCalls() {
  return (await control.calls()).filter(({ service, operation }) => service === 'ai' && operation === 'generate');
}

async function modelsAsked() {
  const { calls } = await control.counters();
  const own = calls.find(({ service, operation }) => service === 'ai' && operation === 'generate');
  return { received: own?.received ?? 0, cancelled: own?.cancelled ?? 0 };
}

/** How many answers were paid for in part, as the API Worker counts them. */
async function unfinished(): Promise<number> {
  const response = await fetch(`${vigil.url}/metrics`, { headers: { authorization: `Bearer ${vigil.key}` } });
  const counted = /^vigil_answers_unfinished_total\{reason="left"\} (\d+)$/m.exec(await response.text());
  return Number(counted?.[1] ?? 0);
}

function ask(question: string, signal: AbortSignal): AsyncGenerator<TimedEvent> {
  return readStreamedAnswer(vigil, { namespace: NAMESPACE, body: { question }, signal });
}

/** Leaves a while after the first event of a kind; when, by the clock that the local cloud, too, has. */
async function leaveAfter(kind: 'sources' | 'delta', question: string): Promise<number> {
  const leaving = new AbortController();
  let leftAtMs = 0;
  let isLeaving = false;
  const leave = () => {
    leftAtMs = Date.now();
    leaving.abort();
  };
  try {
    for await (const { event } of ask(question, AbortSignal.any([leaving.signal, AbortSignal.timeout(20_000)]))) {
      if (event.type === kind && !isLeaving) setTimeout(leave, SILENT_FOR_MS);
      isLeaving ||= event.type === kind;
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  }
  return leftAtMs;
}

it.each([
  [
    'after its sources',
    'sources',
    'How long is an answer kept in the cache?',
    () => control.setLatency({ target: 'ai/generate', profile: { kind: 'fixed', ms: 3_000 } }),
  ],
  [
    'amid its text',
    'delta',
    'What happens when a vector store is down?',
    () => control.setFault({ target: 'ai/generate', mode: 'stalled' }),
  ],
] as const)(
  '(peers 31) a client that leaves %s, while the model is silent, stops it within a second, and nothing of the answer is kept',
  async (_moment, kind, question, holdUp) => {
    const before = await unfinished();
    await holdUp();
    const leftAtMs = await leaveAfter(kind, question);
    // However late this test looks: the local cloud has written down when the model was stopped.
    await expect.poll(modelsAsked, { timeout: 20_000, interval: 50 }).toEqual({ received: 1, cancelled: 1 });
    const [call] = await modelCalls();
    expect((call?.endedAtMs ?? Number.POSITIVE_INFINITY) - leftAtMs).toBeLessThan(STOPPED_WITHIN_MS);
    await Promise.all([control.clearLatency(), control.clearFaults()]);
    await expect.poll(unfinished).toBe(before + 1);
    const events: TimedEvent[] = [];
    for await (const event of ask(question, AbortSignal.timeout(20_000))) events.push(event);
    expect(events.at(-1)?.event).toMatchObject({ type: 'done', answer: { cache: { response: 'miss' } } });
    expect(await modelsAsked()).toEqual({ received: 2, cancelled: 1 });
  },
  40_000,
);
