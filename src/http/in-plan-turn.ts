import type { PlanServices } from '../ingest/plan-ingestion.ts';
import { takePlanTurn } from '../ingest/plan-turn.ts';
import { ApiProblem } from './errors.ts';

const RETRY_AFTER_MS = 2_000;

/** Makes plans when nobody else here does. @throws ApiProblem RATE_LIMITED */
export async function inPlanTurn<T>(services: PlanServices, plan: (services: PlanServices) => Promise<T>): Promise<T> {
  const turn = takePlanTurn(services.turn, services.clock, 2 * services.settings.planDeadlineMs);
  if (turn === null) {
    throw new ApiProblem('RATE_LIMITED', 'Another dry run is under way here; there is one at a time.', {
      retryAfterMs: RETRY_AFTER_MS,
    });
  }
  try {
    return await plan(services);
  } finally {
    turn.giveBack();
  }
}
