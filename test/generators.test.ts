import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { documentSchema } from '../src/http/document-view.ts';
import { type Answer, answerSchema } from '../src/query/answer.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

const FIRST = 'local/passage-composer';
const SECOND = 'local/passage-composer-chat';
const OWN = 'openai-local';
const CHAIN = { GENERATION_MODELS: `${FIRST}, ${SECOND}, openai:LOCAL` };
const DOCUMENT = '/v1/namespaces/coast/documents/lighthouse.md';

let vigil: VigilUnderTest;

beforeAll(async () => {
  vigil = await startVigil(CHAIN);
  const content = '# Lighthouse\n\nThe keeper lights the lamp at dusk, and every keeper winds the clock at noon.\n';
  await vigil.fetch(DOCUMENT, { method: 'PUT', headers: { 'content-type': 'text/markdown' }, body: content });
  await vi.waitFor(
    async () => {
      expect(documentSchema.parse(await (await vigil.fetch(DOCUMENT)).json()).state).toBe('ready');
    },
    { timeout: 25_000, interval: 100 },
  );
}, 90_000);
afterEach(async () => {
  await vigil.control.clearFaults();
  await vigil.control.setGenerationLimit({ perMinute: null });
  await vigil.control.resetCounters();
});
afterAll(() => vigil.close());

async function ask(options: Record<string, unknown> = {}): Promise<Answer> {
  const body = JSON.stringify({ question: 'What does the keeper light at dusk?', cache: 'no-store', ...options });
  const headers = { 'content-type': 'application/json' };
  const response = await vigil.fetch('/v1/namespaces/coast/answer', { method: 'POST', headers, body });
  expect(response.status).toBe(200);
  return answerSchema.parse(await response.json());
}

async function generationsReceived(service: string): Promise<number> {
  const { calls } = await vigil.control.counters();
  return calls.find((call) => call.service === service && call.operation === 'generate')?.received ?? 0;
}

const reasons = ({ degraded }: Answer) => Object.fromEntries(degraded.map(({ step, reason }) => [step, reason]));

describe('when a generator dies in the middle of its answer', () => {
  test.each(['interrupted', 'stalled'] as const)(
    '(%s) a whole answer comes from the next one, and both are paid for',
    async (mode) => {
      await vigil.redeploy({ ...CHAIN, GENERATION_IDLE_MS: '300' });
      const [whole] = [await ask()];
      await vigil.control.setFault({ target: 'ai/generate', mode });
      const answer = await ask();
      expect(answer.servedBy.generation).toBe(OWN);
      expect(answer.answer).toBe(whole?.answer);
      expect(Object.keys(reasons(answer))).toEqual([`generation:${FIRST}`, `generation:${SECOND}`]);
      expect(answer.usage.promptTokens).toBeGreaterThan(2 * (whole?.usage.promptTokens ?? 0));
      expect(answer.usage.estimated).toBe(true);
    },
  );
});

test('an endpoint of OpenAI’s protocol is a dependency of its own, and the passages’ sentences are the last resort', async () => {
  await vigil.redeploy(CHAIN);
  await vigil.control.setFault({ target: 'ai/generate', mode: 'error' });
  expect((await ask()).servedBy.generation).toBe(OWN);
  const response = await vigil.fetch('/health/ready');
  expect(JSON.stringify(await response.json())).toContain(`"${OWN}"`);
  await vigil.control.setFault({ target: 'openai', mode: 'rate-limited' });
  const answer = await ask();
  expect(answer).toMatchObject({ generation: 'extractive', servedBy: { generation: 'extractive' } });
  expect(reasons(answer)).toMatchObject({ [`generation:${OWN}`]: '429' });
});

describe('the generations a minute', () => {
  test('are kept to by spilling to the model that does not count, and no answer fails', async () => {
    // A turn that Redis is slow to give is granted: that many questions at once can make it slow.
    await vigil.redeploy({ ...CHAIN, GENERATIONS_PER_MINUTE: '5', CACHE_READ_TIMEOUT_MS: '5000' });
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask()));
    const spilled = answers.filter(({ servedBy }) => servedBy.generation === OWN);
    expect(spilled).toHaveLength(7);
    for (const answer of spilled) {
      expect(reasons(answer)).toEqual({
        [`generation:${FIRST}`]: 'RATE_BUDGET',
        [`generation:${SECOND}`]: 'RATE_BUDGET',
      });
    }
    expect(await generationsReceived('ai')).toBe(5);
  });

  test('take no turn for an answer that needs no model', async () => {
    await vigil.redeploy({ ...CHAIN, GENERATIONS_PER_MINUTE: '5000' });
    await ask({ generation: 'extractive' });
    expect((await vigil.control.counters()).redisCommands).not.toHaveProperty('incr');
    await ask();
    expect((await vigil.control.counters()).redisCommands).toMatchObject({ incr: 1 });
  });

  test('are counted by nobody while Redis is down, and the vendor’s own refusal spills too', async () => {
    await vigil.redeploy({ ...CHAIN, GENERATIONS_PER_MINUTE: '5' });
    await vigil.control.setFault({ target: 'redis', mode: 'error' });
    expect((await ask()).servedBy.generation).toBe(FIRST);
    await vigil.control.setGenerationLimit({ perMinute: 1 });
    await ask();
    const answer = await ask();
    expect(answer.servedBy.generation).toBe(OWN);
    expect(reasons(answer)).toMatchObject({ [`generation:${FIRST}`]: '3040', [`generation:${SECOND}`]: '3040' });
  });
});
