import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFaultGate } from '../faults/fault-gate.ts';
import { waitOnTimer } from '../faults/wait.ts';
import { serve } from '../http-server.ts';
import type { LocalRequest, LocalService } from '../http-service.ts';
import { createManualClock } from '../manual-clock.ts';
import { createRedisService } from './redis-service.ts';

export const TEST_TOKEN = 'a-token';

/** For tests: the service behind the local cloud's own HTTP server, with a clock that only the test moves. */
export async function startTestRedis() {
  const stateDir = await mkdtemp(join(tmpdir(), 'redis-'));
  const clock = createManualClock();
  const gate = createFaultGate({ clock, seed: 1, wait: waitOnTimer });
  const service = createRedisService({ stateDir, token: TEST_TOKEN, clock });
  const requests: LocalRequest[] = [];
  const recorded: LocalService = {
    ...service,
    callOf(request) {
      requests.push(request);
      return service.callOf(request);
    },
  };
  const server = await serve({ port: 0, routes: [{ prefix: '/', service: recorded }], gate });
  return {
    /** All that came, those included that a fault then met. */
    requests,
    url: server.url,
    clock,
    gate,
    service,
    async stop() {
      await server.close();
      service.close();
      await rm(stateDir, { recursive: true });
    },
  };
}

export type TestRedis = Awaited<ReturnType<typeof startTestRedis>>;
