import type { Deadline } from '../resilience/deadline.ts';
import type { Degradation } from '../retrieval/degradation.ts';
import type { Answer, Passage } from './answer.ts';
import type { AnswerListener } from './answer-listener.ts';
import type { GenerationMode } from './ask.ts';
import { type AskedModels, askModels, type ModelUse } from './ask-models.ts';
import type { CitedText } from './citations.ts';
import { composeExtractiveAnswer } from './extractive-answer.ts';
import type { GenerationTurns } from './generation-turns.ts';
import { packContext } from './pack-context.ts';
import { buildPrompt } from './prompt.ts';
import type { QueryServices } from './query-services.ts';
import type { Refusal } from './refusal.ts';

export interface WrittenAnswer {
  answer: string | null;
  citations: CitedText['citations'];
  generation: Answer['generation'];
  servedBy: string | null;
  /** The passages as far as a model was shown them. */
  shown: Passage[];
  degraded: Degradation[];
  /** Of every model that wrote something, whether or not it is in the answer. */
  used: ModelUse[];
  generationMs: number | null;
}

/** What came of writing an answer. What was used has to be paid for in each case. */
export type Writing =
  | { kind: 'written'; written: WrittenAnswer }
  /** `interrupted`: a part of it has been shown, and there will be no rest. `abandoned`: nobody listens any more. */
  | { kind: 'interrupted' | 'abandoned'; degraded: Degradation[]; used: ModelUse[] };

const NOTHING: WrittenAnswer = {
  answer: null,
  citations: [],
  generation: 'none',
  servedBy: null,
  shown: [],
  degraded: [],
  used: [],
  generationMs: null,
};

export interface ToWrite {
  question: string;
  passages: Passage[];
  mode: GenerationMode;
  /** Nothing is written then but its sentence. */
  refusal: Refusal | null;
  turns: GenerationTurns;
}

/** A cited answer from the passages: by the first model that answers, else of their best sentences. Never fails. */
export async function generateAnswer(
  services: QueryServices,
  { question, passages, mode, refusal, turns }: ToWrite,
  listener: AnswerListener,
  deadline: Deadline,
): Promise<Writing> {
  if (refusal !== null) return { kind: 'written', written: { ...NOTHING, answer: refusal.sentence } };
  if (mode === 'none') return { kind: 'written', written: NOTHING };
  const startedAtMs = services.clock.nowMs();
  const packed = packContext(passages, services.contextTokens);
  const { outcome, used, degraded } =
    mode === 'extractive'
      ? NOBODY_ASKED
      : await askModels(services, {
          ...{ prompt: buildPrompt(question, packed), passages: packed },
          ...{ turns, listener, deadline },
        });
  if (outcome.kind === 'interrupted' || outcome.kind === 'abandoned') return { ...outcome, used, degraded };
  const generated = outcome.kind === 'answered' ? outcome.generated : null;
  const cited = generated ?? composeExtractiveAnswer(question, passages);
  const written: WrittenAnswer = {
    answer: cited.text,
    citations: cited.citations,
    generation: generated === null ? 'extractive' : 'model',
    servedBy: generated?.model ?? 'extractive',
    shown: packed,
    degraded,
    used,
    generationMs: services.clock.nowMs() - startedAtMs,
  };
  return { kind: 'written', written };
}

const NOBODY_ASKED: AskedModels = { outcome: { kind: 'unanswered' }, used: [], degraded: [] };
