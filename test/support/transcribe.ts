import type {
  ChatMessage,
  GenerateOptions,
  GenerationStep,
  GenerationUsage,
  Generator,
} from '../../src/models/generator.ts';
import type { UpstreamError } from '../../src/resilience/upstream-error.ts';

/** All that came of asking a model, as data: it can be told from one process to another. */
export interface Transcript {
  /** Why there was no first token. */
  error: UpstreamError | null;
  texts: { text: string; atMs: number }[];
  /** The step that was no text. */
  last: GenerationStep | null;
  /** What it had used when it was cancelled. */
  cancelled: GenerationUsage | null;
}

/** After so many texts: cancel the generation, or abort its signal. */
export interface Leaving {
  cancelAfter?: number;
  abortAfter?: number;
}

export interface Transcriber {
  transcribe(messages: ChatMessage[], options: Omit<GenerateOptions, 'signal'>, leaving?: Leaving): Promise<Transcript>;
}

export function transcriberOf(generator: Generator): Transcriber {
  return {
    async transcribe(messages, options, { cancelAfter, abortAfter } = {}) {
      const leaving = new AbortController();
      const started = await generator.start(messages, { ...options, signal: leaving.signal });
      const transcript: Transcript = { error: null, texts: [], last: null, cancelled: null };
      if (!started.ok) return { ...transcript, error: started.error };
      const generation = started.value;
      for (;;) {
        const step = await generation.next();
        if (step.kind !== 'text') return { ...transcript, last: step };
        transcript.texts.push({ text: step.text, atMs: Date.now() });
        if (transcript.texts.length === cancelAfter) transcript.cancelled = generation.cancel();
        if (transcript.texts.length === abortAfter) leaving.abort();
      }
    },
  };
}
