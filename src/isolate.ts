import type { DecodedEntries } from './cache/cache-entry.ts';
import type { CacheTallies } from './cache/cache-tallies.ts';
import { createFlightMemory, type FlightMemory } from './cache/flights.ts';
import type { BudgetMemory } from './cache/shared-generation-budget.ts';
import type { RandomProjection } from './cache/similar-questions/random-projection.ts';
import { type Clock, systemClock } from './clock.ts';
import type { ConfigProblem } from './config.ts';
import { createUpstreamMemory, type UpstreamMemory } from './guarded-upstream.ts';
import { type BacklogMemory, createBacklogMemory } from './ingest/back-pressure.ts';
import type { PlanTurn } from './ingest/plan-turn.ts';
import type { KnownStates } from './namespaces/namespace-states.ts';
import type { Answer } from './query/answer.ts';
import type { QueryFailure } from './query/query-failure.ts';
import { createLatencySamples, type LatencySamples } from './resilience/latency-samples.ts';
import type { Result } from './result.ts';
import { createStandingsMemory, type StandingsMemory } from './retrieval/store-standings.ts';
import { createIsolateTelemetry, type IsolateTelemetry, type Severity } from './telemetry/isolate-telemetry.ts';

/** A Worker's variables, secrets and bindings, as the platform hands them over. */
export type Env = Record<string, unknown>;

/**
 * What lives as long as an isolate: its counts, what it knows of its dependencies, its reading of the configuration.
 * Never another request's work.
 */
export interface Isolate<Config> {
  clock: Clock;
  telemetry: IsolateTelemetry;
  upstream: UpstreamMemory;
  standings: StandingsMemory;
  namespaces: KnownStates;
  backlog: BacklogMemory;
  flights: FlightMemory<QueryFailure | null>;
  decodedAnswers: DecodedEntries<Answer>;
  /** How long the caches of a question took to be read. */
  cacheReadings: LatencySamples;
  cacheTallies: CacheTallies;
  generationBudget: BudgetMemory;
  planTurn: PlanTurn;
  /** How vectors are brought into bands, by their dimensions. */
  projections: Map<number, RandomProjection>;
  config(env: Env): Result<Config, ConfigProblem[]>;
}

export function createIsolate<Config>(
  parse: (env: Env) => Result<Config, ConfigProblem[]>,
  tracing: Tracing | undefined,
): Isolate<Config> {
  const telemetry = createIsolateTelemetry(writeToLog);
  let parsed: Result<Config, ConfigProblem[]> | null = null;
  const common = { clock: systemClock, telemetry };
  return {
    ...common,
    upstream: createUpstreamMemory({ ...common, tracing }),
    standings: createStandingsMemory(),
    namespaces: new Map(),
    backlog: createBacklogMemory(),
    flights: createFlightMemory(),
    decodedAnswers: new Map(),
    cacheReadings: createLatencySamples(),
    cacheTallies: new Map(),
    generationBudget: { spentSlot: null },
    planTurn: { takenUntilMs: 0 },
    projections: new Map(),
    config(env) {
      parsed ??= parse(env);
      if (!parsed.ok) telemetry.emit({ event: 'config.invalid', keys: keysOf(parsed.error) });
      return parsed;
    },
  };
}

function keysOf(problems: ConfigProblem[]): string[] {
  return [...new Set(problems.map(({ key }) => key))];
}

function writeToLog(line: string, severity: Severity): void {
  if (severity === 'error') console.error(line);
  else if (severity === 'warning') console.warn(line);
  else console.log(line);
}
