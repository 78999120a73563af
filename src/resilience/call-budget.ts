/** Extra calls an isolate may make, a share of its ordinary ones: an outage is not multiplied by those who suffer from it. */
export interface CallBudget {
  deposit(): void;
  tryWithdraw(): boolean;
}

/** Full at first, so that an isolate that starts into an outage can act. */
export function createCallBudget({ perCall, max }: { perCall: number; max: number }): CallBudget {
  let tokens = max;
  return {
    deposit() {
      tokens = Math.min(max, tokens + perCall);
    },
    tryWithdraw() {
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
