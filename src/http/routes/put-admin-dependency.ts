import { OpenAPIRoute } from 'chanfana';
import type { Context } from 'hono';
import * as z from 'zod';
import { operatorFlagState } from '../../namespaces/operator-flag.ts';
import { deadlineIn } from '../../resilience/deadline.ts';
import { dependencySchema, viewDependency } from '../dependency-view.ts';
import { didYouMean } from '../did-you-mean.ts';
import { ApiProblem } from '../errors.ts';
import type { HttpEnv } from '../http-env.ts';
import { readJson } from '../read-request.ts';
import { KEYED_PROBLEMS, problemResponses, response } from '../route-responses.ts';

const MAX_BODY_BYTES = 1_024;

const orderBody = z.strictObject({ state: operatorFlagState }).meta({ id: 'DependencyOrder' });

const SCHEMA = {
  operationId: 'putDependency',
  tags: ['Operation'],
  summary: 'Isolate or release a dependency',
  description:
    'Obeyed by every isolate of both Workers within 5 seconds. A released dependency is tried with one call.',
  request: {
    params: z.object({ name: z.string().meta({ description: 'As in `/health/ready`', example: 'vectorize' }) }),
    body: { required: true, content: { 'application/json': { schema: orderBody } } },
  },
  responses: {
    200: response('The order is kept; the dependency as this isolate sees it.', 'application/json', dependencySchema),
    ...problemResponses(
      ...KEYED_PROBLEMS,
      'INVALID_JSON',
      'VALIDATION_FAILED',
      'DEPENDENCY_NOT_FOUND',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'STORAGE_UNAVAILABLE',
    ),
  },
};

/** Takes a dependency out of use everywhere, or lets it be tried again. */
export class PutAdminDependency extends OpenAPIRoute {
  override schema = SCHEMA;

  override async handle(c: Context<HttpEnv>) {
    const { dependencies, config, clock } = c.var.services;
    const name = readDependencyName(c.req.param('name') ?? '', dependencies.names());
    const { state } = await readJson(c, orderBody, MAX_BODY_BYTES);
    const ordered = await dependencies.order(name, state, c.var.keyId, deadlineIn(clock, config.CATALOG_TIMEOUT_MS));
    if (!ordered.ok) {
      throw new ApiProblem('STORAGE_UNAVAILABLE', 'Neither the catalog nor Redis took the order.', {
        retryAfterMs: 2_000,
      });
    }
    c.var.services.telemetry.emit({ event: 'dependency.ordered', dependency: name, state, keyId: c.var.keyId });
    return c.json(viewDependency(dependencies.view(name)), 200, { 'cache-control': 'no-store' });
  }
}

function readDependencyName(given: string, known: string[]): string {
  if (known.includes(given)) return given;
  const suggestion = didYouMean(given, known);
  const hint = suggestion === null ? '' : ` Did you mean "${suggestion}"?`;
  throw new ApiProblem('DEPENDENCY_NOT_FOUND', `The dependencies here are ${known.join(', ')}.${hint}`);
}
