import { type Result, succeed } from '../result.ts';
import { degradedByReading } from '../retrieval/degradation.ts';
import type { Answer } from './answer.ts';
import type { AnswerListener } from './answer-listener.ts';
import type { Ask } from './ask.ts';
import { findKept } from './kept-answer.ts';
import { makeForOthers, makeOrShare, refresh } from './make-for-others.ts';
import { makeLivingAnswer } from './make-living-answer.ts';
import { type OpenQuestion, openQuestion } from './open-question.ts';
import type { QueryFailure } from './query-failure.ts';
import type { QueryServices } from './query-services.ts';
import { serveCached } from './serve-cached.ts';
import { lookAtOther } from './wait-for-other.ts';
import { withRewriting } from './with-rewriting.ts';

/**
 * The read path of `POST …/answer`, step by step; the listener hears of it as it goes. Fails when no passages could be
 * looked for at all and nothing that was answered before is left, when what was told of it cannot be brought to its end,
 * and when nobody listens any more.
 */
export async function answerQuestion(
  services: QueryServices,
  ask: Ask,
  requestId: string,
  listener: AnswerListener,
): Promise<Result<Answer, QueryFailure>> {
  const asked = await openQuestion(services, ask, requestId, listener);
  const answered = await answerOpen(services, asked);
  return answered.ok ? succeed(withRewriting(answered.value, asked)) : answered;
}

async function answerOpen(services: QueryServices, asked: OpenQuestion): Promise<Result<Answer, QueryFailure>> {
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
    if (!asked.listener.signal.aborted) services.defer('answer.refresh', refresh(services, asked, kept));
    return succeed(serveCached(services, asked, answer, 'stale', unsure));
  }
  return asked.ask.cache === 'reload' ? makeForOthers(services, asked, kept, null) : makeOrShare(services, asked, kept);
}
