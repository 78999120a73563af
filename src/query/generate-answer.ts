import type { GeneratedText } from '../models/generator.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import { type Degradation, degradedBy } from '../retrieval/degradation.ts';
import type { Answer, Passage } from './answer.ts';
import type { GenerationMode } from './ask.ts';
import { type CitedText, citeAnswer } from './citations.ts';
import { composeExtractiveAnswer } from './extractive-answer.ts';
import { buildPrompt, packPassages } from './prompt.ts';
import type { QueryServices } from './query-services.ts';

export interface WrittenAnswer {
  answer: string | null;
  citations: CitedText['citations'];
  generation: Answer['generation'];
  servedBy: string | null;
  degraded: Degradation[];
  /** Of the model that answered; `null` when none did. */
  generated: (GeneratedText & { model: string }) | null;
  generationMs: number | null;
}

/** The same sentence for every refusal without a model's help. */
export const REFUSAL = 'The documents do not answer this question.';

const NOTHING: WrittenAnswer = {
  answer: null,
  citations: [],
  generation: 'none',
  servedBy: null,
  degraded: [],
  generated: null,
  generationMs: null,
};

/** A cited answer from the passages: by the first model that answers, else of their best sentences. Never fails. */
export async function generateAnswer(
  services: QueryServices,
  { question, passages, mode }: { question: string; passages: Passage[]; mode: GenerationMode },
  deadline: Deadline,
): Promise<WrittenAnswer> {
  if (passages.length === 0) return { ...NOTHING, answer: REFUSAL };
  if (mode === 'none') return NOTHING;
  const startedAtMs = services.clock.nowMs();
  const packed = packPassages(passages, services.contextTokens);
  const { generated, degraded } = await askModels(services, mode, question, packed, deadline);
  const cited = generated === null ? composeExtractiveAnswer(question, passages) : citeAnswer(generated.text, packed);
  return {
    answer: cited.text,
    citations: cited.citations,
    generation: generated === null ? 'extractive' : 'model',
    servedBy: generated?.model ?? 'extractive',
    degraded,
    generated,
    generationMs: services.clock.nowMs() - startedAtMs,
  };
}

async function askModels(
  services: QueryServices,
  mode: GenerationMode,
  question: string,
  passages: Passage[],
  deadline: Deadline,
): Promise<Pick<WrittenAnswer, 'generated' | 'degraded'>> {
  const degraded: Degradation[] = [];
  if (mode === 'extractive') return { generated: null, degraded };
  const prompt = buildPrompt(question, passages);
  const reserveMs = deadline.remainingMs() * EXTRACTIVE_RESERVE_SHARE;
  for (const [asked, generator] of services.generators.entries()) {
    const turn = deadlineIn(
      services.clock,
      turnMs(deadline.remainingMs() - reserveMs, services.generators.length - asked),
    );
    const generated = await generator.generate(prompt, { maxTokens: services.answerTokens }, turn);
    if (generated.ok) return { generated: { ...generated.value, model: generator.name }, degraded };
    degraded.push(degradedBy(`generation:${generator.name}`, generated.error));
  }
  return { generated: null, degraded };
}

// An extractive answer takes some milliseconds, and has to have reached its asker before the deadline.
const EXTRACTIVE_RESERVE_SHARE = 0.1;

/** One model's share of what is left: a model that hangs must not take the turns of those after it. */
function turnMs(leftMs: number, modelsLeft: number): number {
  return Math.max(0, leftMs) / modelsLeft;
}
