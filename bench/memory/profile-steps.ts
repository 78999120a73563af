import * as z from 'zod';
import type { Inspector } from './inspector.ts';

/** A stretch in which the isolate worked without a pause: nothing else of its Worker could be done meanwhile. */
export interface Step {
  durationMs: number;
  /** Where most of it was spent, innermost function first. */
  where: string;
}

export interface StepUse {
  samples: number;
  steps: number;
  longest: Step;
  /** How many were longer than the limit asked about. */
  tooLong: number;
  /** The engine's own pauses to collect what is not used any more are no part of a step. */
  longestCollectionMs: number;
}

const SAMPLE_EVERY_MICROSECONDS = 250;
// The isolate is only sampled while it runs. Where two samples are so far apart it had paused.
const PAUSE_MICROSECONDS = 700;
const FUNCTIONS_SHOWN = 4;
const COLLECTION = '(garbage collector)';
/** Of the engine, between two pieces of JavaScript. */
const NO_STEP = new Set(['(program)', '(idle)', '(root)']);

const profileSchema = z.object({
  profile: z.object({
    nodes: z.array(
      z.object({
        id: z.number(),
        callFrame: z.object({ functionName: z.string(), lineNumber: z.number() }),
        children: z.array(z.number()).default([]),
      }),
    ),
    samples: z.array(z.number()),
    timeDeltas: z.array(z.number()),
  }),
});
type Profile = z.infer<typeof profileSchema>['profile'];

/** Lets the inspector's profiler watch the isolate until the task ends. */
export async function profileSteps(inspector: Inspector, limitMs: number, task: () => Promise<void>): Promise<StepUse> {
  await inspector.send('Profiler.enable');
  await inspector.send('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROSECONDS });
  await inspector.send('Profiler.start');
  await task();
  const { profile } = profileSchema.parse(await inspector.send('Profiler.stop'));
  await inspector.send('Profiler.disable');
  return readSteps(profile, limitMs);
}

export function readSteps(profile: Profile, limitMs: number): StepUse {
  const names = stackNames(profile);
  const longest = { durationMs: 0, where: 'nowhere' };
  const use: StepUse = { samples: profile.samples.length, steps: 0, longest, tooLong: 0, longestCollectionMs: 0 };
  let step = newStep();

  function endStep(): void {
    const durationMs = step.microseconds / 1_000;
    use.longestCollectionMs = Math.max(use.longestCollectionMs, step.collecting / 1_000);
    if (durationMs > 0) use.steps += 1;
    if (durationMs > limitMs) use.tooLong += 1;
    if (durationMs > use.longest.durationMs) use.longest = { durationMs, where: mostOf(step.places) };
    step = newStep();
  }

  for (const [n, node] of profile.samples.entries()) {
    // How long this sample's stack lasted is known with the next one.
    const lasted = profile.timeDeltas[n + 1] ?? 0;
    const place = names.get(node);
    if (place === undefined) {
      endStep();
      continue;
    }
    const hasPaused = lasted > PAUSE_MICROSECONDS;
    const counted = hasPaused ? SAMPLE_EVERY_MICROSECONDS : lasted;
    if (place === COLLECTION) step.collecting += counted;
    else {
      step.microseconds += counted;
      step.places.set(place, (step.places.get(place) ?? 0) + counted);
    }
    if (hasPaused) endStep();
  }
  endStep();
  return use;
}

function newStep() {
  return { microseconds: 0, collecting: 0, places: new Map<string, number>() };
}

/** The innermost functions of each stack, by node; without those that are no step. */
function stackNames({ nodes }: Profile): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children }) => children.map((child) => [child, id] as const)));
  const names = new Map<number, string>();
  for (const { id, callFrame } of nodes) {
    if (NO_STEP.has(callFrame.functionName)) continue;
    const stack: string[] = [];
    for (let at: number | undefined = id; at !== undefined && stack.length < FUNCTIONS_SHOWN; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame !== undefined && !NO_STEP.has(frame.functionName)) stack.push(frame.functionName || 'anonymous');
    }
    names.set(id, stack.join(' < '));
  }
  return names;
}

function mostOf(places: Map<string, number>): string {
  let most = { place: 'nowhere', microseconds: 0 };
  for (const [place, microseconds] of places) if (microseconds > most.microseconds) most = { place, microseconds };
  return most.place;
}
