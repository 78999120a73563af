import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { parseAnswer } from '../resilience/bad-answer.ts';
import type { CallUpstream } from '../resilience/call-upstream.ts';
import { classifyCommon, messageOf } from '../resilience/classify-common.ts';
import { deadlineIn } from '../resilience/deadline.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

// The binding counts in the machine it is called on: an answer that takes longer is none worth waiting for.
const TIMEOUT_MS = 200;

const answerSchema = z.object({ success: z.boolean() });

/** Says whether a key may make one more request now. */
export interface RateLimiter {
  allows(key: string): Promise<boolean>;
}

/**
 * A limit kept by the platform's binding. It fails open, within a bound of time: a limiter that is down or slow must
 * not take the service down with it. Each request let through uncounted is an event.
 */
export function createRateLimiter({
  name,
  binding,
  clock,
  callUpstream,
  telemetry,
}: {
  name: 'reads' | 'writes';
  binding: RateLimit;
  clock: Clock;
  callUpstream: CallUpstream;
  telemetry: Telemetry;
}): RateLimiter {
  return {
    async allows(key) {
      const asked = await callUpstream(
        {
          dependency: 'rate-limiter',
          operation: name,
          deadline: deadlineIn(clock, TIMEOUT_MS),
          timeoutMs: TIMEOUT_MS,
          classify: (error) =>
            classifyCommon(error) ?? { class: 'transient', code: 'RATE_LIMITER', message: messageOf(error) },
        },
        async () => parseAnswer(answerSchema, await binding.limit({ key })),
      );
      if (asked.ok) return asked.value.success;
      telemetry.emit({ event: 'rate-limit.unavailable', limiter: name, reason: asked.error.code });
      return true;
    },
  };
}
