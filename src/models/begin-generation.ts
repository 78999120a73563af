import type { Clock } from '../clock.ts';
import { BadAnswerError } from '../resilience/bad-answer.ts';
import type { CallUpstream, UpstreamCall } from '../resilience/call-upstream.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import type { Defer } from '../telemetry/defer.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type AnswerReader, createAnswerReader } from './answer-reader.ts';
import { type AwaitedToken, awaitToken } from './await-token.ts';
import type { Completions } from './completions.ts';
import type { ChatMessage, GenerateOptions, Generation, GenerationStep } from './generator.ts';

/** What every adapter needs around its own call. */
export interface GenerationServices {
  callUpstream: CallUpstream;
  clock: Clock;
  telemetry: Telemetry;
  defer: Defer;
  /** The first token has this long at most. */
  timeoutMs: number;
  /** And each one after it. */
  idleTimeoutMs: number;
}

export interface BegunCall {
  generator: string;
  /** The call for the first token. */
  call: UpstreamCall;
  /** Ends the vendor's call, before and after the first token. */
  stopper: AbortController;
  messages: readonly ChatMessage[];
  options: GenerateOptions;
}

type Outcome = 'ended' | 'interrupted' | 'late' | 'cancelled';

// When the last token is there, only the usage is still waited for.
const USAGE_TIMEOUT_MS = 500;
const NOTE_TIMEOUT_MS = 1_000;
/** The operation that what comes after the first token is counted as. */
const STREAM = 'stream';
const CANCELLED = { code: 'CANCELLED', message: 'the answer was no longer wanted' };
const LATE = { code: 'DEADLINE', message: 'no time was left for the rest of the answer' };

/** A controller for a call that outlives the function it is made in, and is stopped with it while that runs. */
export function stoppedWith(signal: AbortSignal): AbortController {
  const stopper = new AbortController();
  signal.addEventListener('abort', () => stopper.abort(), { once: true });
  return stopper;
}

/** Waits for the first token. Throws what the model's service throws, and `BadAnswerError` when there is none. */
export async function beginGeneration(
  services: GenerationServices,
  completions: Completions,
  begun: BegunCall,
): Promise<Generation> {
  const { stopper, messages, options } = begun;
  const reader = createAnswerReader(completions, messages, options.maxTokens);
  stopper.signal.addEventListener('abort', () => completions.stop(), { once: true });
  if (stopper.signal.aborted) completions.stop();
  try {
    const first = await reader.read();
    if (first === null || first === '') throw new BadAnswerError('an empty text');
    return continueGeneration(services, reader, begun, first);
  } catch (error) {
    stopper.abort();
    throw error;
  }
}

function continueGeneration(
  services: GenerationServices,
  reader: AnswerReader,
  { generator, call, stopper, options }: BegunCall,
  firstText: string,
): Generation {
  const { deadline, signal } = options;
  let first: string | null = firstText;
  let outcome: Outcome | null = null;

  function finish(how: Outcome): void {
    outcome = how;
    signal?.removeEventListener('abort', cancel);
    stopper.abort();
    services.telemetry.count('generations', { generator, outcome: how });
  }

  function cancel(): void {
    if (outcome === null) finish('cancelled');
  }

  function failed(reading: Pick<UpstreamError, 'code' | 'message'> & Partial<UpstreamError>): GenerationStep {
    const { dependency } = call;
    const error = { class: 'transient' as const, retryAfterMs: null, ...reading, dependency, operation: STREAM };
    return { kind: 'failed', error, usage: reader.usage() };
  }

  function ended(): GenerationStep {
    finish('ended');
    return { kind: 'end', isCut: reader.isCut(), usage: reader.usage() };
  }

  function late(): GenerationStep {
    finish('late');
    return failed(LATE);
  }

  /** The call has been counted as answered: what came of it later counts as a call of its own. */
  function interrupted(thrown: unknown): GenerationStep {
    finish('interrupted');
    const note = {
      ...{ ...call, operation: STREAM, signal: undefined },
      ...{ timeoutMs: NOTE_TIMEOUT_MS, deadline: deadlineIn(services.clock, 2 * NOTE_TIMEOUT_MS) },
    };
    services.defer(
      'generation.interrupted',
      services.callUpstream(note, () => Promise.reject(thrown)),
    );
    return failed(call.classify(thrown));
  }

  function stepOf(awaited: AwaitedToken, isOutOfTime: boolean): GenerationStep {
    if (outcome !== null) return failed(CANCELLED);
    switch (awaited.kind) {
      case 'text':
        return awaited;
      case 'end':
        return ended();
      case 'thrown':
        return reader.isFinished() ? ended() : interrupted(awaited.error);
      case 'silent':
        if (reader.isFinished()) return ended();
        return isOutOfTime ? late() : interrupted(new DOMException('no further token', 'TimeoutError'));
      case 'stopped':
        return failed(CANCELLED);
    }
  }

  if (signal?.aborted === true) cancel();
  else signal?.addEventListener('abort', cancel);

  return {
    async next() {
      const text = first;
      first = null;
      if (outcome === 'cancelled') return failed(CANCELLED);
      if (outcome !== null) throw new Error('a generation that is over was asked to go on');
      if (text !== null) return { kind: 'text', text };
      for (;;) {
        const patienceMs = reader.isFinished() ? USAGE_TIMEOUT_MS : services.idleTimeoutMs;
        const leftMs = deadline.remainingMs();
        // What has arrived already would win against any timer.
        if (leftMs <= 0) return stepOf({ kind: 'silent' }, true);
        const awaited = await awaitToken(reader.read(), Math.min(patienceMs, leftMs), stopper.signal);
        if (awaited.kind !== 'text' || awaited.text !== '') return stepOf(awaited, leftMs < patienceMs);
      }
    },
    cancel() {
      cancel();
      return reader.usage();
    },
  };
}
