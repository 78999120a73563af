import type { GenerationPrice } from '../cost/prices.ts';
import type { ChatMessage, Generation, GenerationUsage, Generator } from '../models/generator.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import { type Degradation, degradedBy } from '../retrieval/degradation.ts';
import type { Citation, Passage } from './answer.ts';
import type { AnswerListener } from './answer-listener.ts';
import type { CitedPiece } from './citation-stream.ts';
import { createCitationStream } from './create-citation-stream.ts';
import type { GenerationTurns } from './generation-turns.ts';
import type { QueryServices } from './query-services.ts';

/** What a model has to be paid for, also when its answer broke off. */
export interface ModelUse extends GenerationUsage {
  model: string;
  price: GenerationPrice | null;
}

export interface GeneratedText {
  model: string;
  text: string;
  citations: Citation[];
}

/** How the chain of models ended. */
export type ModelsOutcome =
  | { kind: 'answered'; generated: GeneratedText }
  | { kind: 'unanswered' }
  /** The listener has shown a part of an answer that does not go on. */
  | { kind: 'interrupted' }
  /** Nobody listens any more. */
  | { kind: 'abandoned' };

export interface AskedModels {
  outcome: ModelsOutcome;
  used: ModelUse[];
  degraded: Degradation[];
}

export interface Asking {
  prompt: ChatMessage[];
  /** Those in the prompt. */
  passages: Passage[];
  turns: GenerationTurns;
  listener: AnswerListener;
  deadline: Deadline;
}

/** Asks one model after the other until one answers; the listener hears the answer while it is written. Never fails. */
export async function askModels(services: QueryServices, asking: Asking): Promise<AskedModels> {
  const { turns, listener, deadline } = asking;
  const { clock, generators } = services;
  const used: ModelUse[] = [];
  const degraded: Degradation[] = [];
  const reserveMs = deadline.remainingMs() * EXTRACTIVE_RESERVE_SHARE;
  const isAbandoned = () => listener.signal.aborted;
  for (const [asked, generator] of generators.entries()) {
    // No turn is taken for a call that will not be made.
    if (isAbandoned()) break;
    const step = `generation:${generator.name}`;
    if (generator.isRateBudgeted && !(await turns.take())) {
      degraded.push({ step, reason: 'RATE_BUDGET' });
      continue;
    }
    const leftMs = Math.max(0, deadline.remainingMs() - reserveMs);
    const started = await generator.start(asking.prompt, {
      maxTokens: services.answerTokens,
      // One model's share of what is left: a model that hangs must not take the turns of those after it.
      firstToken: deadlineIn(clock, leftMs / (generators.length - asked)),
      // What is read while it is written is not late.
      deadline: deadlineIn(clock, listener.isSilent === true ? leftMs : Math.max(leftMs, services.streamTimeoutMs)),
      signal: listener.signal,
      onCall: generator.isRateBudgeted ? turns.spend : undefined,
    });
    if (!started.ok && isAbandoned()) return { outcome: { kind: 'abandoned' }, used, degraded };
    if (!started.ok) {
      degraded.push(degradedBy(step, started.error));
      continue;
    }
    const told = await tell(started.value, generator, asking);
    used.push({ model: generator.name, price: generator.price, ...told.usage });
    if (told.kind === 'answered') {
      if (told.isCut) degraded.push(CUT);
      return { outcome: told, used, degraded };
    }
    if (isAbandoned()) return { outcome: { kind: 'abandoned' }, used, degraded };
    degraded.push({ step, reason: told.reason });
    if (told.isShown) return { outcome: { kind: 'interrupted' }, used, degraded };
  }
  return { outcome: isAbandoned() ? { kind: 'abandoned' } : { kind: 'unanswered' }, used, degraded };
}

// An extractive answer takes some milliseconds, and has to have reached its asker before the deadline.
const EXTRACTIVE_RESERVE_SHARE = 0.1;

/** Not one of `generation:<model>`, which the next model makes good: the answer is what it is, and is not kept. */
const CUT: Degradation = { step: 'generation', reason: 'TRUNCATED' };

// Also one that has not ended yet.
const MARKERS = /\[\d+(?:\]|$)/g;
const WORD = /[\p{L}\p{N}]/u;

/** Whether more is left of an answer than numbers, symbols, and marks of addresses that the model was not given. */
function saysWords(pieces: CitedPiece[]): boolean {
  const text = pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
  return WORD.test(text.replace(MARKERS, ''));
}

type Told =
  | { kind: 'answered'; generated: GeneratedText; isCut: boolean; usage: GenerationUsage }
  | { kind: 'failed'; reason: string; isShown: boolean; usage: GenerationUsage };

/** Passes on what the model writes, as far as its citations are known to be right, and no faster than it is heard. */
async function tell(generation: Generation, { name }: Generator, { passages, listener }: Asking): Promise<Told> {
  const cited = createCitationStream(passages);
  const generated: GeneratedText = { model: name, text: '', citations: [] };

  // Nothing is heard before there is a word: until then another model can be asked.
  const unheard: CitedPiece[] = [];

  async function show(pieces: CitedPiece[]): Promise<void> {
    unheard.push(...pieces);
    if (generated.text === '' && !saysWords(unheard)) return;
    for (const piece of unheard.splice(0)) {
      if (piece.kind === 'text') {
        generated.text += piece.text;
        await listener.delta(piece.text);
      } else {
        generated.citations.push(piece.citation);
        await listener.citation(piece.citation);
      }
    }
  }

  function failed(reason: string, usage: GenerationUsage): Told {
    return { kind: 'failed', reason, isShown: generated.text !== '' && listener.isSilent !== true, usage };
  }

  try {
    for (;;) {
      const step = await generation.next();
      if (step.kind === 'failed') return failed(step.error.code, step.usage);
      await show(step.kind === 'text' ? cited.push(step.text) : cited.end());
      if (step.kind === 'text') continue;
      const { isCut, usage } = step;
      return generated.text === '' ? failed('BAD_ANSWER', usage) : { kind: 'answered', generated, isCut, usage };
    }
  } finally {
    // A listener that throws leaves no model behind.
    generation.cancel();
  }
}
