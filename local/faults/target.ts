import { fail, type Result, succeed } from '../../src/result.ts';
import { type Call, type FaultTarget, SERVICE_NAMES, type ServiceName } from './fault.ts';

const TARGET = /^(?<service>[a-z][a-z0-9]*)(?::(?<instance>[A-Za-z0-9_-]+))?(?:\/(?<operation>[A-Za-z0-9_-]+))?$/;

/** Reads `service[:instance][/operation]`, e.g. `vectorize`, `vectorize:replica`, `vectorize:primary/query`, `ai/run`. */
export function parseTarget(text: string): Result<FaultTarget, string> {
  const parts = TARGET.exec(text)?.groups;
  if (!parts)
    return fail(`"${text}" is not a target: write service[:instance][/operation], e.g. vectorize:primary/query`);
  const service = SERVICE_NAMES.find((name) => name === parts.service);
  if (!service) return fail(`"${parts.service}" is not a service: choose one of ${SERVICE_NAMES.join(', ')}`);
  return succeed({ service, instance: parts.instance ?? null, operation: parts.operation ?? null });
}

export function formatTarget({ service, instance, operation }: FaultTarget): string {
  return service + (instance === null ? '' : `:${instance}`) + (operation === null ? '' : `/${operation}`);
}

/** The values whose target covers the call, narrowest first; of two equally narrow the one set later. */
export function matching<T extends { target: FaultTarget }>(entries: Iterable<T>, call: Call): T[] {
  return [...entries]
    .filter(({ target }) => covers(target, call))
    .reverse()
    .sort((a, b) => narrowness(b.target) - narrowness(a.target));
}

export function coversWholeService(target: FaultTarget, service: ServiceName): boolean {
  return target.service === service && narrowness(target) === 0;
}

function covers(target: FaultTarget, call: Call): boolean {
  if (target.service !== call.service) return false;
  if (target.instance !== null && target.instance !== call.instance) return false;
  return target.operation === null || target.operation === call.operation;
}

function narrowness({ instance, operation }: FaultTarget): number {
  return (instance === null ? 0 : 1) + (operation === null ? 0 : 2);
}
