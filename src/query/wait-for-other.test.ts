import { describe, expect, it } from 'vitest';
import { anUpstreamError } from '../../test/read-path-builders.ts';
import { createAnsweringWorld as arrange } from '../../test/support/answering-world.ts';
import { fail } from '../result.ts';

const CROWD = 200;
const LOOK_EVERY_MS = 50;

describe('200 identical questions at once', () => {
  function crowd(world: ReturnType<typeof arrange>) {
    const { clock, services } = world;
    // Time passes when everybody waits: each round of looks is as long as one. Keys are hashed in other threads; a round
    // that takes its turn there cannot overtake them, however busy the machine is.
    const turn = () => crypto.subtle.digest('SHA-256', new Uint8Array(1));
    services.wait = async (ms) => {
      const untilMs = clock.nowMs() + ms;
      const isLook = ms === LOOK_EVERY_MS;
      do {
        await turn();
        clock.advance(isLook ? ms / CROWD : 1);
      } while (!isLook && clock.nowMs() < untilMs);
    };
    return Promise.allSettled(Array.from({ length: CROWD }, () => world.ask()));
  }

  it('cause one generation, and every one is answered', async () => {
    const arranged = arrange();
    arranged.world.generationMs = 400;
    const answers = await crowd(arranged);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(200);
    expect(arranged.world.generations).toBe(1);
  });

  it('cause one attempt at a model that fails, and every one gets an extractive answer that says so', async () => {
    const arranged = arrange();
    Object.assign(arranged.world, { modelFails: true, generationMs: 400 });
    const answers = await crowd(arranged);
    for (const answer of answers) {
      if (answer.status === 'rejected') throw answer.reason;
      expect(answer.value.generation).toBe('extractive');
      expect(answer.value.degraded).toEqual([{ step: 'generation:model', reason: '3040' }]);
    }
    expect(arranged.world.generations).toBe(1);
  });

  it.each([0, 1_500])(
    'are all told after two attempts when nothing can be searched, after %d ms',
    async (failsAfterMs) => {
      const arranged = arrange();
      const { clock, services } = arranged;
      let searches = 0;
      services.lexicalIndex = {
        async search() {
          searches += 1;
          await services.wait(failsAfterMs);
          return fail(anUpstreamError({ dependency: 'lexical' }));
        },
      };
      const startedAtMs = clock.nowMs();
      const answers = await crowd(arranged);
      expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
      expect(searches).toBe(2);
      expect(clock.nowMs() - startedAtMs).toBeLessThan(2 * failsAfterMs + 1_000);
    },
  );

  it('cause one more attempt after one that failed, and every one is answered', async () => {
    const arranged = arrange();
    const { world, services } = arranged;
    const { search } = services.lexicalIndex;
    let searches = 0;
    services.lexicalIndex = {
      search: (...asked) => {
        searches += 1;
        return searches === 1 ? Promise.resolve(fail(anUpstreamError({ dependency: 'lexical' }))) : search(...asked);
      },
    };
    world.generationMs = 400;
    const answers = await crowd(arranged);
    // The first one has been told already.
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(199);
    expect(world.generations).toBe(1);
  });

  it('cause one generation also while nobody can tell the namespace’s state', async () => {
    const arranged = arrange();
    Object.assign(arranged.world, { isStateKnown: false, generationMs: 400 });
    const answers = await crowd(arranged);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(200);
    expect(arranged.world.generations).toBe(1);
  });

  it('cause two generations when they take all the time there is, and every one is answered', async () => {
    const arranged = arrange();
    arranged.world.generationMs = 11_000;
    const answers = await crowd(arranged);
    for (const answer of answers) {
      if (answer.status === 'rejected') throw answer.reason;
      const { generation, degraded } = answer.value;
      if (generation === 'extractive') expect(degraded).toContainEqual({ step: 'generation', reason: 'DEADLINE' });
    }
    expect(arranged.world.generations).toBe(2);
  });

  it('get the kept answer, all of them, when no model makes a better one', async () => {
    const arranged = arrange();
    const { world, ask, later } = arranged;
    const first = await ask();
    await later(3 * 3_600_000);
    Object.assign(world, { modelFails: true, generationMs: 400 });
    const answers = await crowd(arranged);
    for (const answer of answers) {
      if (answer.status === 'rejected') throw answer.reason;
      expect(answer.value).toMatchObject({ answer: first.answer, cache: { response: 'stale' } });
      expect(answer.value.degraded).toContainEqual({ step: 'generation:model', reason: '3040' });
    }
  });

  it('are all told that the cache could not be asked', async () => {
    const arranged = arrange();
    arranged.store.isDown = true;
    arranged.world.generationMs = 400;
    for (const answer of await crowd(arranged)) {
      if (answer.status === 'rejected') throw answer.reason;
      expect(answer.value.degraded).toEqual([{ step: 'cache:response', reason: 'UNAVAILABLE' }]);
    }
  });
});
