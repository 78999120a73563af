import type { Clock } from '../../src/clock.ts';
import type { LocalRequest, LocalResponse, LocalService } from '../http-service.ts';
import { requestQuotaExceeded, sizeExceeded, WRONG_TOKEN } from './error-texts.ts';
import { MAX_REQUEST_BYTES, MONTHLY_COMMANDS } from './limits.ts';
import { type Outcome, RedisEngine } from './redis-engine.ts';
import { encodeError, encodeOutcome, type StringEncoding } from './reply-encoding.ts';
import { parseBatch, parseSingle } from './request-body.ts';

export interface RedisServiceOptions {
  stateDir: string;
  /** The one bearer token that is accepted. */
  token: string;
  clock: Clock;
}

export interface RedisService extends LocalService {
  close(): void;
  /** Billed commands by lower-case name, those inside pipelines and transactions one by one. */
  commandCounts(): Record<string, number>;
  resetCommandCounts(): void;
}

interface HttpAnswer {
  status: number;
  body: string;
}

/** Emulates the Upstash Redis REST API as the official client uses it; data lives in `<stateDir>/redis.sqlite`. */
export function createRedisService({ stateDir, token, clock }: RedisServiceOptions): RedisService {
  const engine = new RedisEngine(stateDir, clock);
  return {
    callOf: (request) => ({ service: 'redis', instance: 'primary', operation: operationOf(request) }),
    respond: async (request) => {
      const refused = refuse(request, token);
      if (refused !== null) return toResponse(refused, {});
      const answer = execute(engine, request);
      return toResponse(answer, { 'upstash-sync-token': engine.syncToken() });
    },
    // Upstash documents no 429: commands beyond the rate are delayed, and a spent quota answers this text. Its status is
    // undocumented; 400 is what every other failing command gets. What a fault on their side looks like is inferred.
    fail: (kind) =>
      kind === 'rate-limited'
        ? toResponse(refusal(400, requestQuotaExceeded(MONTHLY_COMMANDS)), {})
        : toResponse(refusal(500, 'ERR internal server error'), {}),
    close: () => engine.close(),
    commandCounts: () => engine.commandCounts(),
    resetCommandCounts: () => engine.resetCommandCounts(),
  };
}

/** Reads no more of a single command than its name. */
function operationOf(request: LocalRequest): string {
  const path = pathOf(request);
  if (path === '/pipeline' || path === '/multi-exec') return path.slice(1);
  const start = new TextDecoder().decode(request.body.subarray(0, 128));
  return /^\s*\[\s*"([\w.]+)"/.exec(start)?.[1]?.toLowerCase() ?? 'unknown';
}

function pathOf(request: LocalRequest): string {
  return request.path.replace(/\?.*$/, '');
}

/**
 * Upstash also takes GET, HEAD and PUT, for commands written into the path. The client never sends them, so here they are
 * methods that are not allowed.
 */
function refuse(request: LocalRequest, token: string): HttpAnswer | null {
  if (request.headers.get('authorization') !== `Bearer ${token}`) return refusal(401, WRONG_TOKEN);
  if (request.method !== 'POST') return refusal(405, 'ERR method not allowed');
  // Documented for a command; that a pipeline is measured as a whole is inferred, and the safer side to err on.
  const bytes = request.body.byteLength;
  return bytes > MAX_REQUEST_BYTES ? refusal(400, sizeExceeded('request', MAX_REQUEST_BYTES, bytes)) : null;
}

function execute(engine: RedisEngine, request: LocalRequest): HttpAnswer {
  const encoding: StringEncoding = request.headers.get('upstash-encoding') === 'base64' ? 'base64' : 'plain';
  switch (pathOf(request)) {
    case '/':
      return executeSingle(engine, request.body, encoding);
    case '/pipeline':
      return executePipeline(engine, request.body, encoding);
    case '/multi-exec':
      return executeTransaction(engine, request.body, encoding);
    default:
      return refusal(404, 'ERR this emulator answers POST /, /pipeline and /multi-exec only');
  }
}

function executeSingle(engine: RedisEngine, body: Uint8Array, encoding: StringEncoding): HttpAnswer {
  const command = parseSingle(body);
  if (!command.ok) return refusal(400, command.error);
  const outcome = engine.runOne(command.value);
  return { status: outcome.ok ? 200 : 400, body: encodeOutcome(outcome, encoding) };
}

function executePipeline(engine: RedisEngine, body: Uint8Array, encoding: StringEncoding): HttpAnswer {
  const commands = parseBatch(body);
  if (!commands.ok) return refusal(400, commands.error);
  return { status: 200, body: encodeAll(engine.runEach(commands.value), encoding) };
}

function executeTransaction(engine: RedisEngine, body: Uint8Array, encoding: StringEncoding): HttpAnswer {
  const commands = parseBatch(body);
  if (!commands.ok) return refusal(400, commands.error);
  const outcomes = engine.runAtomically(commands.value);
  if (!outcomes.ok) return refusal(400, outcomes.error);
  return { status: 200, body: encodeAll(outcomes.value, encoding) };
}

function encodeAll(outcomes: readonly Outcome[], encoding: StringEncoding): string {
  return `[${outcomes.map((outcome) => encodeOutcome(outcome, encoding)).join(',')}]`;
}

function refusal(status: number, message: string): HttpAnswer {
  return { status, body: encodeError(message) };
}

function toResponse({ status, body }: HttpAnswer, headers: Record<string, string>): LocalResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}
