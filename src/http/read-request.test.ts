import { Hono } from 'hono';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { ApiProblem } from './errors.ts';
import type { HttpEnv } from './http-env.ts';
import { readJson, validate } from './read-request.ts';

const schema = z.strictObject({ ids: z.array(z.string()).default([]) });

function problemOf(value: unknown): ApiProblem {
  try {
    validate(schema, value);
  } catch (error) {
    if (error instanceof ApiProblem) return error;
    throw error;
  }
  throw new Error('nothing is wrong with it');
}

it.each([
  ['unknown fields', Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`field${n}`, 1]))],
  ['wrong values', { ids: Array.from({ length: 500 }, () => 1) }],
])('names the first 100 of very many %s', (_, value) => {
  expect(problemOf(value).fieldErrors).toHaveLength(100);
});

it('names the setting of the limit that a body in JSON exceeds', async () => {
  const app = new Hono<HttpEnv>()
    .post('/', async (c) => c.json(await readJson(c, schema, 10, { setting: 'MAX_DOCUMENT_BYTES' })))
    .onError((error, c) => c.text(error.message));
  const headers = { 'content-type': 'application/json' };
  const answer = await app.request('/', { method: 'POST', headers, body: '{"ids":["long"]}' });
  expect(await answer.text()).toBe('The body may have at most 10 bytes (MAX_DOCUMENT_BYTES).');
});
