import { type ControlClient, createControlClient } from '../../local/control/control-client.ts';
import type { LocalCloud } from '../../local/start-cloud.ts';
import type { Connection } from '../../scripts/api-client.ts';
import { CommandFailure, Interrupted } from '../../scripts/command.ts';
import { watchForInterruption } from '../../scripts/interruption.ts';
import type { Output } from '../../scripts/output.ts';
import { openLocalCloud, startStack } from '../../scripts/stack/local-stack.ts';
import { type Deployment, readDeployment } from './deployment.ts';

/** A stack of the suite's own, with its hands on everything behind it. */
export interface BenchStack extends Connection {
  control: ControlClient;
  /** Of the local cloud. */
  cloudUrl: string;
  deployment: Deployment;
  /** One command to the Redis behind Vigil, past Vigil. */
  redis(...command: string[]): Promise<unknown>;
  /** Resolves with an explanation when the stack ends by itself. */
  failed: Promise<string>;
  /** The Workers alone die and rise; what is behind them goes on. */
  workers: { kill(): Promise<void>; start(): Promise<void> };
  stopSweeping(): void;
  stop(): Promise<void>;
}

export interface BenchStackOptions {
  stateDir: string;
  /** Of the Workers, where they differ from the local configuration. */
  variables?: Record<string, string>;
  /** Whether D1 and KV can be slowed and broken, which costs every request something. Default: true. */
  breakableBindings?: boolean;
  /** Whether the queue delivers messages twice, late and out of order. */
  unreliableQueue?: boolean;
  /** As of the local stack: has the API run twice. */
  front?: string;
  /** The pause before each token of the local models. */
  tokenDelayMs?: number;
  signal: AbortSignal;
  report(step: string): void;
}

/** Starts it on any free port; `stop` ends all of it. */
export async function startBenchStack(options: BenchStackOptions): Promise<BenchStack> {
  const {
    stateDir,
    variables = {},
    breakableBindings = true,
    unreliableQueue,
    front,
    tokenDelayMs,
    signal,
    report,
  } = options;
  let cloud: LocalCloud | null = null;
  const stack = await startStack({
    stateDir,
    port: 0,
    variables,
    breakableBindings,
    ...(unreliableQueue !== undefined && { unreliableQueue }),
    front,
    signal,
    report,
    openCloud: async (stateDir, ports, changes) => {
      cloud = await openLocalCloud(stateDir, ports, {
        ...changes,
        ...(tokenDelayMs !== undefined && { tokenDelayMs }),
      });
      return cloud;
    },
  });
  const environment = environmentOf(cloud);
  const cloudUrl = environment.LOCAL_CLOUD_URL ?? '';
  return {
    ...stack,
    control: createControlClient(cloudUrl),
    cloudUrl,
    deployment: readDeployment({ ...environment, BOOTSTRAP_KEY: stack.key, ...variables }),
    redis: (...command) => sendRedis(environment, command),
  };
}

type ChosenForStack = 'variables' | 'breakableBindings' | 'unreliableQueue' | 'front' | 'tokenDelayMs';

export interface OnBenchStack extends Pick<BenchStackOptions, ChosenForStack> {
  stateDir: string;
  output: Output;
}

/** However the task ends, also by Ctrl-C, nothing of the stack is left. */
export async function measureOnStack<T>(
  { output, ...options }: OnBenchStack,
  task: (stack: BenchStack, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interruption = watchForInterruption();
  const { signal } = interruption;
  try {
    const stack = await startBenchStack({ ...options, signal, report: (step) => output.line(step) });
    try {
      const ended = stack.failed.then((explanation) => Promise.reject(new CommandFailure(explanation)));
      return await Promise.race([task(stack, signal), ended]);
    } finally {
      await stack.stop();
    }
  } catch (error) {
    // What was cut short by the interruption fails in many ways; none of them is news.
    if (signal.aborted) throw new Interrupted(interruption.exitCode());
    throw error;
  }
}

function environmentOf(cloud: LocalCloud | null): Record<string, string> {
  if (cloud === null) throw new Error('the stack has started without its local cloud');
  return cloud.env;
}

async function sendRedis(environment: Record<string, string>, command: string[]): Promise<unknown> {
  const response = await fetch(environment.UPSTASH_REDIS_REST_URL ?? '', {
    method: 'POST',
    headers: { authorization: `Bearer ${environment.UPSTASH_REDIS_REST_TOKEN}` },
    body: JSON.stringify(command),
  });
  const answer: unknown = await response.json();
  if (response.ok && typeof answer === 'object' && answer !== null && 'result' in answer) return answer.result;
  throw new CommandFailure(`Redis answered ${response.status} to ${command[0]}`);
}
