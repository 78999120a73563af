import type { FlightTurn } from '../cache/flights.ts';
import { fail, type Result, succeed } from '../result.ts';
import type { Degradation } from '../retrieval/degradation.ts';
import type { Answer } from './answer.ts';
import type { Ask } from './ask.ts';
import { degradedByCache, type KeptAnswer, keepMade, stillKept } from './kept-answer.ts';
import type { MadeAnswer } from './make-answer.ts';
import { makeLivingAnswer } from './make-living-answer.ts';
import { type OpenQuestion, openAgain } from './open-question.ts';
import { isOfAll, type QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';
import { serveCached } from './serve-cached.ts';
import { createSilentListener } from './silent-listener.ts';
import { waitForOther } from './wait-for-other.ts';
import { whileWanted } from './while-wanted.ts';

type Making = Result<MadeAnswer, QueryFailure>;

/** One at a time in this isolate, and not at once after another: until what that has made is found, all get the stale one. */
export async function refresh(services: QueryServices, asked: OpenQuestion, kept: KeptAnswer): Promise<void> {
  if (services.flights.look(kept.key).kind !== 'nothing') return;
  const turn = services.flights.tryTake(kept.key);
  if (turn === null) return;
  // Whoever was served the stale one may leave: this is for the next.
  const unheard = createSilentListener(new AbortController().signal);
  await makeAndKeep(services, openAgain(services, asked, unheard), kept, turn);
}

/** As one of all who ask the same at this moment. */
export async function makeOrShare(
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
    case 'failed':
      return rescueFrom(services, asked, kept, turn.failure);
    case 'late':
      return answerLate(services, asked, kept);
  }
}

/** And for those who ask later; `turn` is this request's, when it has one. */
export async function makeForOthers(
  services: QueryServices,
  asked: OpenQuestion,
  kept: KeptAnswer,
  turn: FlightTurn | null,
): Promise<Result<Answer, QueryFailure>> {
  const made = await makeAndKeep(services, asked, kept, turn);
  if (!made.ok) return rescueFrom(services, asked, kept, made.error);
  const { answer } = made.value;
  const rescued = isPoor(answer, asked.ask) ? await rescue(services, asked, kept, answer.degraded) : null;
  // What was tried in vain has its price.
  return succeed(rescued === null ? withLookUp(answer, kept) : { ...rescued, usage: answer.usage });
}

/**
 * Whatever comes of it, those who wait for it hear of it: the platform ends what a request has begun when its client
 * leaves, unless it is deferred.
 */
function makeAndKeep(
  services: QueryServices,
  asked: OpenQuestion,
  kept: KeptAnswer,
  turn: FlightTurn | null,
): Promise<Making> {
  const making = makeWhileWanted(services, asked, kept, turn);
  if (turn !== null) services.defer('answer.making', making);
  return making;
}

async function makeWhileWanted(
  services: QueryServices,
  asked: OpenQuestion,
  kept: KeptAnswer,
  turn: FlightTurn | null,
): Promise<Making> {
  let made: Making | null = null;
  try {
    made = await makeLivingAnswer(services, turn === null ? asked : whileWanted(services, asked, turn));
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

/** Not when text of another answer was told, which no other can follow, nor for somebody who has left. */
async function rescueFrom(
  services: QueryServices,
  asked: OpenQuestion,
  kept: KeptAnswer,
  failure: QueryFailure,
): Promise<Result<Answer, QueryFailure>> {
  if (!isOfAll(failure)) return fail(failure);
  const rescued = await rescue(services, asked, kept, failure.degraded);
  return rescued === null ? fail(failure) : succeed(rescued);
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
