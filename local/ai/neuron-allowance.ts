import type { Clock } from '../../src/clock.ts';

const MS_PER_DAY = 86_400_000;

export interface NeuronAllowance {
  isUsedUp(): boolean;
  spend(neurons: number): void;
}

/** The free neurons of a day, counted anew from 00:00 UTC. As at the vendor, the call that crosses the line still runs. */
export function createNeuronAllowance(perDay: number, clock: Clock): NeuronAllowance {
  let day = 0;
  let spent = 0;
  function spentToday(): number {
    const today = Math.floor(clock.nowMs() / MS_PER_DAY);
    if (today !== day) {
      day = today;
      spent = 0;
    }
    return spent;
  }
  return {
    isUsedUp: () => spentToday() >= perDay,
    spend(neurons) {
      spent = spentToday() + neurons;
    },
  };
}
