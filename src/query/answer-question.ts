import type { FlightTurn } from '../cache/flights.ts';
import { fail, type Result, succeed } from '../result.ts';
import { type Degradation, degradedByReading } from '../retrieval/degradation.ts';
import type { Answer } from './answer.ts';
import type { Ask } from './ask.ts';
import { degradedByCache, findKept, type KeptAnswer, keepMade, stillKept } from './kept-answer.ts';
import type { MadeAnswer } from './make-answer.ts';
import { makeLivingAnswer } from './make-living-answer.ts';
import { type OpenQuestion, openQuestion } from './open-question.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';
import { serveCached } from './serve-cached.ts';
import { lookAtOther, waitForOther } from './wait-for-other.ts';

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
    const made = await makeLivingAnswer(services, asked);
    return made.ok ? succeed(made.value.answer) : made;
  }
  const { use, answer, reading } = kept;
  const unsure = degradedByReading(reading);
  if (use === 'fresh' && answer !== null) return succeed(serveCached(services, asked, answer, 'hit', unsure));
  if (use === 'stale' && answer !== null) {
    const newer = await lookAtOther(services, kept, asked, false);
    if (newer !== null) return succeed(serveCached(services, asked, newer, 'hit', unsure));
    services.defer('answer.refresh', refresh(services, asked, kept));
    return succeed(serveCached(services, asked, answer, 'stale', unsure));
  }
  return ask.cache === 'reload' ? makeForOthers(services, asked, kept, null) : makeOrShare(services, asked, kept);
}

type Making = Result<MadeAnswer, QueryFailure>;

/** One at a time in this isolate, and not at once after another: until what that has made is found, all get the stale one. */
async function refresh(services: QueryServices, asked: OpenQuestion, kept: KeptAnswer): Promise<void> {
  if (services.flights.look(kept.key).kind !== 'nothing') return;
  const turn = services.flights.tryTake(kept.key);
  if (turn !== null) await makeAndKeep(services, openQuestion(services, asked.ask, asked.requestId), kept, turn);
}

/** As one of all who ask the same at this moment. */
async function makeOrShare(
  services: QueryServices,
  asked: OpenQuestion,
  kept: KeptAnswer,
): Promise<Result<Answer, QueryFailure>> {
  const turn = await waitForOther(services, kept, asked);
  switch (turn.kind) {
    case 'own':
      return makeForOthers(services, asked, kept, turn.turn);
    case 'shared': {
      // Made a moment ago, so what it was made without still holds.
      const degraded = [...degradedByCache(kept), ...turn.answer.degraded];
      const rescued = isPoor(turn.answer, asked.ask) ? await rescue(services, asked, kept, degraded) : null;
      return succeed(rescued ?? serveCached(services, asked, turn.answer, 'hit', degraded));
    }
    case 'failed': {
      const rescued = await rescue(services, asked, kept, turn.failure.degraded);
      return rescued === null ? fail(turn.failure) : succeed(rescued);
    }
    case 'late':
      return answerLate(services, asked, kept);
  }
}

async function makeForOthers(
  services: QueryServices,
  asked: OpenQuestion,
  kept: KeptAnswer,
  turn: FlightTurn | null,
): Promise<Result<Answer, QueryFailure>> {
  const made = await makeAndKeep(services, asked, kept, turn);
  if (made.ok && !isPoor(made.value.answer, asked.ask)) return succeed(withLookUp(made.value.answer, kept));
  const degraded = made.ok ? made.value.answer.degraded : made.error.degraded;
  const rescued = await rescue(services, asked, kept, degraded);
  if (!made.ok) return rescued === null ? made : succeed(rescued);
  // What was tried in vain has its price.
  if (rescued !== null) return succeed({ ...rescued, usage: made.value.answer.usage });
  return succeed(withLookUp(made.value.answer, kept));
}

/** Whatever comes of it, those who wait for it hear of it. */
async function makeAndKeep(
  services: QueryServices,
  asked: OpenQuestion,
  kept: KeptAnswer,
  turn: FlightTurn | null,
): Promise<Making> {
  let made: Making | null = null;
  try {
    made = await makeLivingAnswer(services, asked);
    return made;
  } finally {
    keepMade(services, kept, asked, turn, made);
  }
}

/** Another request's model has taken all the time there was: the passages' own sentences take next to none. */
async function answerLate(
  services: QueryServices,
  asked: OpenQuestion,
  kept: KeptAnswer,
): Promise<Result<Answer, QueryFailure>> {
  const late: Degradation = { step: 'generation', reason: 'DEADLINE' };
  const rescued = await rescue(services, asked, kept, [late]);
  if (rescued !== null) return succeed(rescued);
  const { ask } = asked;
  const cheap: Ask = ask.generation === 'auto' ? { ...ask, generation: 'extractive' } : ask;
  const made = await makeLivingAnswer(services, { ...asked, ask: cheap });
  if (!made.ok) return made;
  const answer = withLookUp(made.value.answer, kept);
  return succeed({ ...answer, degraded: [...answer.degraded, late] });
}

/** What was answered well before is better than this. */
function isPoor(answer: Answer, { generation }: Ask): boolean {
  if (answer.refused) return answer.degraded.length > 0;
  return generation === 'auto' && answer.generation === 'extractive';
}

/** The answer from before, as far as it still holds, with what was tried in vain. */
async function rescue(
  services: QueryServices,
  asked: OpenQuestion,
  kept: KeptAnswer,
  degraded: Degradation[],
): Promise<Answer | null> {
  const still = await stillKept(services, kept, asked);
  if (still === null) return null;
  const named = new Set(degraded.map(({ step }) => step));
  const doubts = still.degraded.filter(({ step }) => !named.has(step));
  return serveCached(services, asked, still.answer, 'stale', [...degraded, ...doubts]);
}

function withLookUp(answer: Answer, kept: KeptAnswer): Answer {
  const degraded = [...degradedByCache(kept), ...answer.degraded];
  return { ...answer, cache: { ...answer.cache, response: kept.lookUp }, degraded };
}
