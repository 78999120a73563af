import { type Result, succeed } from '../result.ts';
import { degradedByReading } from '../retrieval/degradation.ts';
import type { Answer } from './answer.ts';
import type { Ask } from './ask.ts';
import { degradedByCache, findKept, type KeptAnswer, keepMade, waitForOther } from './kept-answer.ts';
import { type MadeAnswer, makeAnswer } from './make-answer.ts';
import { type OpenQuestion, openQuestion } from './open-question.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';
import { serveCached } from './serve-cached.ts';

/**
 * The read path of `POST …/answer`, step by step. Fails only when no passages could be looked for at all, and nothing
 * that was answered before is left.
 */
export async function answerQuestion(
  services: QueryServices,
  ask: Ask,
  requestId: string,
): Promise<Result<Answer, QueryFailure>> {
  const asked = openQuestion(services, ask, requestId);
  const kept = await findKept(services, asked);
  if (kept === null) {
    const made = await makeAnswer(services, asked);
    return made.ok ? succeed(made.value.answer) : made;
  }
  if (kept.use === 'fresh' && kept.answer !== null) return succeed(serveCached(services, asked, kept.answer, 'hit'));
  if (kept.use === 'stale' && kept.answer !== null) {
    services.defer('answer.refresh', refresh(services, asked, kept));
    return succeed(serveCached(services, asked, kept.answer, 'stale'));
  }
  const shared = ask.cache === 'reload' ? null : await waitForOther(services, kept, asked);
  // Made a moment ago, so what it was made without still holds.
  if (shared !== null) return succeed(serveCached(services, asked, shared, 'hit', shared.degraded));

  const made = await makeAndKeep(services, asked, kept);
  if (kept.answer !== null && isPoor(made, ask)) return succeed(rescue(services, asked, kept, kept.answer, made));
  return made.ok ? succeed(withLookUp(made.value.answer, kept)) : made;
}

/** One at a time in this isolate, and not at once after one that failed: until then all get the stale one. */
async function refresh(services: QueryServices, asked: OpenQuestion, kept: KeptAnswer): Promise<void> {
  if (services.flights.look(kept.key).kind === 'failed' || !services.flights.tryTake(kept.key)) return;
  await makeAndKeep(services, openQuestion(services, asked.ask, asked.requestId), kept);
}

type Making = Result<MadeAnswer, QueryFailure>;

/** Whatever comes of it, those who wait for it hear of it. */
async function makeAndKeep(services: QueryServices, asked: OpenQuestion, kept: KeptAnswer): Promise<Making> {
  let made: Making | null = null;
  try {
    made = await makeAnswer(services, asked);
    return made;
  } finally {
    keepMade(services, kept, asked, made?.ok ? made.value : null);
  }
}

/** What was answered well before is better than this. */
function isPoor(made: Making, { generation }: Ask): boolean {
  if (!made.ok) return true;
  const { answer } = made.value;
  if (answer.refused) return answer.degraded.length > 0;
  return generation === 'auto' && answer.generation === 'extractive';
}

/** The answer from before, with what was tried in vain and what that cost. */
function rescue(
  services: QueryServices,
  asked: OpenQuestion,
  { reading }: KeptAnswer,
  answer: Answer,
  made: Making,
): Answer {
  const { degraded } = made.ok ? made.value.answer : made.error;
  const served = serveCached(services, asked, answer, 'stale', [...degraded, ...degradedByReading(reading)]);
  return made.ok ? { ...served, usage: made.value.answer.usage } : served;
}

function withLookUp(answer: Answer, kept: KeptAnswer): Answer {
  const degraded = [...degradedByCache(kept), ...answer.degraded];
  return { ...answer, cache: { ...answer.cache, response: kept.lookUp }, degraded };
}
