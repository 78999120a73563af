import { Redis } from '@upstash/redis/cloudflare';
import { Index } from '@upstash/vector/cloudflare';
import * as z from 'zod';

interface Env {
  AI: Ai;
  VECTORIZE: Vectorize;
  VECTORIZE_REPLICA: Vectorize;
  UPSTASH_REDIS_REST_URL: string;
  UPSTASH_REDIS_REST_TOKEN: string;
  UPSTASH_VECTOR_REST_URL: string;
  UPSTASH_VECTOR_REST_TOKEN: string;
}

const callSchema = z.object({
  on: z.enum(['AI', 'VECTORIZE', 'VECTORIZE_REPLICA', 'redis', 'vector']),
  method: z.string(),
  args: z.array(z.unknown()),
});

/** A Worker that calls what it is told (`POST /call`), or leaves an answer stream half read (`POST /abort`, `/cancel`). */
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/health/live') return new Response('live');
    if (pathname === '/abort') return leaveStream(env, 'abort');
    if (pathname === '/cancel') return leaveStream(env, 'cancel');
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
  const prompt = `<passage n="1">${'Cats '.repeat(2_000)}sleep.</passage><question>Do cats sleep?</question>`;
  const inputs = { prompt, stream: true, max_tokens: 4_000 };
  const options = { signal: leaving.signal };
  const stream: unknown = await Reflect.apply(env.AI.run, env.AI, ['local/passage-composer', inputs, options]);
  if (!(stream instanceof ReadableStream)) return new Response('no stream', { status: 500 });
  const reader = stream.getReader();
  await reader.read();
  if (how === 'abort') leaving.abort();
  else await reader.cancel();
  return new Response('left');
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
