import type { AnswerListener } from './answer-listener.ts';

/** For an answer that is shown as a whole: what it was told so far can be taken back. */
export function createSilentListener(signal: AbortSignal): AnswerListener {
  const ignore = async () => {};
  return { waiting: ignore, sources: ignore, delta: ignore, citation: ignore, signal, isSilent: true };
}
