import type { Degradation } from '../retrieval/degradation.ts';
import type { Answer } from './answer.ts';
import type { Ask } from './ask.ts';

/** Whether an answer is as good as it would be on a healthy day: only such ones are kept for others. */
export function isComplete(answer: Answer, ask: Ask): boolean {
  // A refusal costs no model call, and one made during a failure would be a lie afterwards.
  if (answer.refused) return false;
  if (ask.generation === 'auto' && answer.generation !== 'model') return false;
  if (ask.retrieval !== 'lexical' && answer.servedBy.retrieval === 'lexical') return false;
  return answer.degraded.every(isMadeGood);
}

/** Another store, another model or no cache at all: the answer does not suffer. */
function isMadeGood({ step }: Degradation): boolean {
  if (step === 'retrieval:lexical') return false;
  return step === 'embedding' || ['retrieval:', 'generation:', 'cache:'].some((kind) => step.startsWith(kind));
}
