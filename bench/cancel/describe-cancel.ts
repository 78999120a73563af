import { type Measurement, promised } from '../report.ts';
import { HEARD_WITHIN_MS, type Wave } from './leave-wave.ts';
import type { AnsweredAgain } from './look-again.ts';

export interface JudgedWave extends Wave {
  /** In the order of those who left. */
  answered: AnsweredAgain[];
}

const PHASES = ['before its sources', 'before its text', 'amid its text', 'after its text', 'after its end'] as const;
type Phase = (typeof PHASES)[number];

/**
 * Of those that are streamed, one in fifty: then a moment has been met. From the last token to the end it is next to nothing
 * here, where a model says the passages' own sentences, so that none has to be compared with them by meaning.
 */
const LEAST_SHARE = 0.02;
const LONG_PHASES = PHASES.filter((phase) => phase !== 'after its text');

export function describeCancel(
  waves: readonly JudgedWave[],
  { lifeMs, profile }: { lifeMs: number; profile: string },
): Measurement {
  const left = waves.flatMap((wave) =>
    wave.left.map((each, n) => ({ ...each, phase: phaseOf(each, wave.answered[n]?.text ?? '') })),
  );
  const streamed = left.filter(({ form }) => form === 'stream');
  const whole = left.filter(({ form }) => form === 'whole');
  const inPhase = (some: typeof left, phase: Phase) => some.filter((each) => each.phase === phase).length;
  const rarest = Math.min(...LONG_PHASES.map((phase) => inPhase(streamed, phase) / streamed.length));
  const begunLate = waves.flatMap((wave) => wave.begunLate);
  const goingOn = waves.flatMap((wave) => wave.goingOn);
  const answered = waves.flatMap((wave) => wave.answered);
  const damaged = answered.filter(({ damage }) => damage !== null).length;
  const stopped = waves.map(({ stoppedAfterMs }) => stoppedAfterMs);
  const late = `upstream calls begun more than ${HEARD_WITHIN_MS} ms after all had left`;
  return {
    promises: [
      promised(late, begunLate.length, 'calls', '= 0', begunLate.length === 0),
      promised('upstream calls under way 1 s after', goingOn.length, 'calls', '= 0', goingOn.length === 0),
      promised('answers that were kept in part', damaged, 'answers', '= 0', damaged === 0),
      promised('of the streams, left at the rarest moment', rarest, '', `≥ ${LEAST_SHARE}`, rarest >= LEAST_SHARE),
    ],
    profile,
    table: [
      ['left', 'streams', 'whole answers'],
      ...PHASES.map((phase) => [phase, String(inPhase(streamed, phase)), String(inPhase(whole, phase))]),
      ['asked again: from the cache', String(answered.filter(({ cache }) => cache === 'hit').length), ''],
      ['life of an answer, ms', String(Math.round(lifeMs)), ''],
      ['last call ended, ms after', String(Math.round(Math.max(...stopped))), ''],
    ],
    raw: { waves, lifeMs },
  };
}

function phaseOf({ seen, text }: { seen: string[]; text: string }, whole: string): Phase {
  if (seen.includes('done')) return 'after its end';
  if (!seen.includes('sources')) return 'before its sources';
  if (text === '') return 'before its text';
  return text === whole ? 'after its text' : 'amid its text';
}
