import { CommandFailure } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { runClosedLoop } from '../load/closed-loop.ts';
import { createPostClient, type PostedReply } from '../load/post-client.ts';
import { startedProcessorMs } from './processor-time.ts';

export interface Target {
  name: string;
  url: string;
  isRight(reply: PostedReply): boolean;
}

export interface Round {
  perSecond: number;
  /** Of the processes of all Workers, of which only one has anything to do; `null` where nobody counts it. */
  processorMsPerRequest: number | null;
}

export interface RoundsOptions {
  rounds: number;
  roundMs: number;
  request: { body: string; headers: Record<string, string> };
  output: Output;
  signal: AbortSignal;
}

const ASKERS = 16;

/** Every target in every round, each time in another order: what the machine does meanwhile befalls all of them. */
export async function measureRounds(targets: readonly Target[], options: RoundsOptions): Promise<Map<string, Round[]>> {
  const { rounds, output } = options;
  const measured = new Map<string, Round[]>(targets.map(({ name }) => [name, []]));
  // The first one is not counted: it is there for the compilers of all of them.
  for (let round = 0; round <= rounds; round++) {
    for (let n = 0; n < targets.length; n++) {
      const target = targets[(round + n) % targets.length];
      if (target === undefined) continue;
      const result = await measureRound(target, options);
      if (round > 0) measured.get(target.name)?.push(result);
    }
    if (round > 0) output.line(`round ${round}/${rounds}: ${describe(targets, measured)}`);
  }
  return measured;
}

async function measureRound({ name, url, isRight }: Target, options: RoundsOptions): Promise<Round> {
  const client = createPostClient(url, { ...options.request, connections: ASKERS });
  const beforeMs = startedProcessorMs();
  try {
    const { requests, perSecond } = await runClosedLoop({
      askers: ASKERS,
      durationMs: options.roundMs,
      signal: options.signal,
      async send() {
        const reply = await client.post();
        if (!isRight(reply)) throw new CommandFailure(`${name} answered ${reply.status}: ${reply.body}`.slice(0, 500));
      },
    });
    const afterMs = startedProcessorMs();
    const usedMs = beforeMs === null || afterMs === null ? null : afterMs - beforeMs;
    return { perSecond, processorMsPerRequest: usedMs === null ? null : usedMs / requests };
  } finally {
    client.close();
  }
}

function describe(targets: readonly Target[], measured: Map<string, Round[]>): string {
  return targets.map(({ name }) => `${name} ${(measured.get(name)?.at(-1)?.perSecond ?? 0).toFixed(0)}/s`).join(', ');
}
