import { type BudgetMemory, createSharedGenerationBudget } from './cache/shared-generation-budget.ts';
import type { ApiConfig } from './config.ts';
import type { GenerationBudget } from './models/generation-budget.ts';
import type { Generator } from './models/generator.ts';
import { createOpenAiGenerator } from './models/openai-generator.ts';
import { createWorkersAiGenerator } from './models/workers-ai-generator.ts';
import type { Shared } from './shared-services.ts';

/** The chain of models that write answers, and what holds those of one account together. */
export function createGenerators(
  config: ApiConfig,
  shared: Shared,
  memory: BudgetMemory,
): { generators: Generator[]; generationBudget: GenerationBudget | null } {
  const { callUpstream, clock, telemetry, defer } = shared;
  const common = { callUpstream, clock, telemetry, defer };
  const services = {
    ...common,
    timeoutMs: config.GENERATION_TIMEOUT_MS,
    idleTimeoutMs: config.GENERATION_IDLE_MS,
  };
  const workersAi = { ...services, ai: shared.bindings.AI, gateway: config.AI_GATEWAY };
  const generators = config.generators.map((generator) =>
    generator.vendor === 'openai'
      ? createOpenAiGenerator(generator, services)
      : createWorkersAiGenerator({ ...workersAi, model: generator.name }),
  );
  const perMinute = config.GENERATIONS_PER_MINUTE;
  const isLimited = perMinute !== null && generators.some(({ isRateBudgeted }) => isRateBudgeted);
  const generationBudget = isLimited
    ? createSharedGenerationBudget({
        ...{ ...common, memory, perMinute },
        store: shared.createRedisCounters(),
        writeTimeoutMs: config.CACHE_WRITE_TIMEOUT_MS,
      })
    : null;
  return { generators, generationBudget };
}
