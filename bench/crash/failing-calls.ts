import type { ControlClient } from '../../local/control/control-client.ts';
import type { Call } from '../../local/faults/fault.ts';
import { matching, parseTarget } from '../../local/faults/target.ts';

/** What became of calls to the model and the vector stores. */
export interface CallTallies {
  received: number;
  /** Answered with a failure, carried out or not. */
  failed: number;
  /** Of these, the ones that were carried out. */
  failedWhenDone: number;
}

const FAILING = ['vectorize:primary', 'vectorize:replica', 'vector', 'ai/embed'];
export const FAILING_SHARE = 0.2;
/** Of the calls that fail, how many have been carried out: whoever is told of the failure cannot know. */
const DONE_SHARE = 0.5;

/** From now on, until all faults are cleared. */
export async function failCalls(control: ControlClient, seed: number): Promise<void> {
  for (const [n, target] of FAILING.entries()) {
    const share = { share: FAILING_SHARE, doneShare: DONE_SHARE, seed: seed * 10 + n };
    await control.setFault({ target, mode: 'error', ...share });
  }
}

/** As the local cloud has counted them, since its last reset. */
export async function tallyCalls(control: ControlClient): Promise<CallTallies> {
  const { calls } = await control.counters();
  const inDanger = calls.filter((call) => FAILING.some((target) => covers(target, call)));
  const sum = (of: (call: (typeof inDanger)[number]) => number) =>
    inDanger.reduce((total, call) => total + of(call), 0);
  return {
    received: sum(({ received }) => received),
    failed: sum(({ faulted }) => faulted),
    failedWhenDone: sum(({ faultedWhenDone }) => faultedWhenDone),
  };
}

export function shareFailed({ received, failed }: CallTallies): number {
  return failed / Math.max(1, received);
}

function covers(text: string, call: Call): boolean {
  const target = parseTarget(text);
  return target.ok && matching([{ target: target.value }], call).length > 0;
}
