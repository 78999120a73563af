import { Redis } from '@upstash/redis/cloudflare';
import { Index } from '@upstash/vector/cloudflare';
import * as z from 'zod';
import { systemClock } from '../src/clock.ts';
import { createOpenAiGenerator } from '../src/models/openai-generator.ts';
import { createWorkersAiGenerator } from '../src/models/workers-ai-generator.ts';
import { callUpstreamWith, inSeconds, silentTelemetry } from './read-path-builders.ts';
import { transcriberOf } from './support/transcribe.ts';

interface Env {
  AI: Ai;
  VECTORIZE: Vectorize;
  VECTORIZE_REPLICA: Vectorize;
  UPSTASH_REDIS_REST_URL: string;
  UPSTASH_REDIS_REST_TOKEN: string;
  UPSTASH_VECTOR_REST_URL: string;
  UPSTASH_VECTOR_REST_TOKEN: string;
  GENERATOR_LOCAL_URL: string;
  GENERATOR_LOCAL_KEY: string;
  GENERATOR_LOCAL_MODEL: string;
}

const LONG_PROMPT = `<passage n="1">${'Cats '.repeat(2_000)}sleep.</passage><question>Do cats sleep?</question>`;

const callSchema = z.object({
  on: z.enum(['AI', 'VECTORIZE', 'VECTORIZE_REPLICA', 'redis', 'vector']),
  method: z.string(),
  args: z.array(z.unknown()),
});

const leaveSchema = z.object({ generator: z.enum(['workers-ai', 'openai']), how: z.enum(['cancel', 'abort']) });

/**
 * A Worker that calls what it is told (`POST /call`), leaves an answer stream half read (`POST /abort`, `/cancel`), or has a
 * generator leave it (`POST /leave`).
 */
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/health/live') return new Response('live');
    if (pathname === '/abort') return leaveStream(env, 'abort');
    if (pathname === '/cancel') return leaveStream(env, 'cancel');
    if (pathname === '/leave') return leaveGenerator(env, ctx, leaveSchema.parse(await request.json()));
    const { on, method, args } = callSchema.parse(JSON.parse(await request.text(), reviveBinary));
    try {
      const target = targetOf(env, on);
      const value: unknown = await Reflect.apply(Reflect.get(target, method), target, args);
      return Response.json({ value: value instanceof ReadableStream ? await new Response(value).text() : value });
    } catch (thrown) {
      const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
      return Response.json({ thrown: { name, message } });
    }
  },
} satisfies ExportedHandler<Env>;

function targetOf(env: Env, on: z.infer<typeof callSchema>['on']): object {
  if (on === 'redis') return Redis.fromEnv(env);
  if (on === 'vector') return new Index({ url: env.UPSTASH_VECTOR_REST_URL, token: env.UPSTASH_VECTOR_REST_TOKEN });
  return env[on];
}

async function leaveStream(env: Env, how: 'abort' | 'cancel'): Promise<Response> {
  const leaving = new AbortController();
  const inputs = { prompt: LONG_PROMPT, stream: true, max_tokens: 4_000 };
  const options = { signal: leaving.signal };
  const stream: unknown = await Reflect.apply(env.AI.run, env.AI, ['local/passage-composer', inputs, options]);
  if (!(stream instanceof ReadableStream)) return new Response('no stream', { status: 500 });
  const reader = stream.getReader();
  await reader.read();
  if (how === 'abort') leaving.abort();
  else await reader.cancel();
  return new Response('left');
}

async function leaveGenerator(
  env: Env,
  ctx: ExecutionContext,
  { generator, how }: z.infer<typeof leaveSchema>,
): Promise<Response> {
  const services = {
    ...{ callUpstream: callUpstreamWith(), clock: systemClock, telemetry: silentTelemetry },
    defer: (_name: string, promise: Promise<unknown>) => ctx.waitUntil(promise),
    ...{ timeoutMs: 5_000, idleTimeoutMs: 5_000 },
  };
  const { GENERATOR_LOCAL_URL: baseUrl, GENERATOR_LOCAL_KEY: key, GENERATOR_LOCAL_MODEL: model } = env;
  const asked =
    generator === 'openai'
      ? createOpenAiGenerator({ name: 'openai', baseUrl, key, model, price: null, body: {} }, services)
      : createWorkersAiGenerator({ ...services, ai: env.AI, model: 'local/passage-composer-chat', gateway: null });
  const options = { maxTokens: 4_000, firstToken: inSeconds(5), deadline: inSeconds(30) };
  const messages = [{ role: 'user' as const, content: LONG_PROMPT }];
  const leaving = how === 'cancel' ? { cancelAfter: 3 } : { abortAfter: 3 };
  return Response.json(await transcriberOf(asked).transcribe(messages, options, leaving));
}

/** JSON has no typed arrays and no blobs: `{$float32: [...]}` and `{$blob: text, type}` stand for them. */
function reviveBinary(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('$float32' in value) return Float32Array.from(z.array(z.number()).parse(value.$float32));
  if ('$blob' in value) {
    const { $blob, type } = z.object({ $blob: z.string(), type: z.string() }).parse(value);
    return new Blob([$blob], { type });
  }
  return value;
}
