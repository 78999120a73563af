import * as z from 'zod';
import { requestFor } from '../stack/requests.ts';
import type { CancelWorld } from './cancel-suite.ts';
import type { Leaver } from './leave-wave.ts';

/** What the next one is answered who asks what somebody has left. */
export interface AnsweredAgain {
  text: string;
  cache: string;
  /** How it differs from an answer that nobody has left; `null` when it does not. */
  damage: string | null;
}

const answerSchema = z.object({
  answer: z.string(),
  citations: z.array(z.unknown()),
  passages: z.array(z.object({ chunkId: z.string() })),
  support: z.unknown(),
  generation: z.literal('model'),
  cache: z.object({ response: z.string() }),
});

/** Asks the same again, and once more past every cache. */
export async function lookAgain(
  { stack, signal }: Pick<CancelWorld, 'stack' | 'signal'>,
  { namespace, question }: Leaver,
): Promise<AnsweredAgain> {
  const ask = async (cache: 'default' | 'no-store') => {
    const body = { question, cache };
    const { json } = await requestFor([200], stack, 'POST', `${namespace}/answer`, { body, signal });
    const { cache: use, ...answer } = answerSchema.parse(json);
    return { use, answer, all: JSON.stringify(answer) };
  };
  const [again, whole] = [await ask('default'), await ask('no-store')];
  const damage = again.all === whole.all ? null : `Not whole: ${again.all}\ninstead of ${whole.all}`;
  return { text: whole.answer.answer, cache: again.use.response, damage };
}
