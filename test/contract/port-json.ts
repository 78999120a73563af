import * as z from 'zod';
import { systemClock } from '../../src/clock.ts';
import { deadlineIn } from '../../src/resilience/deadline.ts';

const portCallSchema = z.object({
  port: z.enum([
    'vectorize',
    'vectorizeOfAnotherModel',
    'upstash',
    'upstashOfAnotherModel',
    'embedder',
    'generator',
    'chatGenerator',
    'openAiGenerator',
    'reranker',
    'converter',
    'redis',
    'redisFields',
    'redisCounters',
    'kvAnswers',
    'edgeAnswers',
    'lexical',
  ]),
  method: z.string(),
  args: z.array(z.unknown()),
});
export type PortCall = z.infer<typeof portCallSchema>;

/**
 * JSON has neither typed arrays nor functions: `{$float32}` stands for a vector, `{$bytes}` for bytes, `{$map}` for a
 * map, `{$deadlineMs}` for a deadline.
 */
export function writePortJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Float32Array) return { $float32: Array.from(item) };
    if (item instanceof Uint8Array) return { $bytes: Array.from(item) };
    if (item instanceof Map) return { $map: [...item] };
    if (typeof item === 'object' && item !== null && 'remainingMs' in item && typeof item.remainingMs === 'function') {
      return { $deadlineMs: item.remainingMs() };
    }
    return item;
  });
}

export function readPortJson(json: string): unknown {
  return JSON.parse(json, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null) return item;
    if ('$float32' in item) return Float32Array.from(z.array(z.number()).parse(item.$float32));
    if ('$map' in item) return new Map(z.array(z.tuple([z.string(), z.unknown()])).parse(item.$map));
    if ('$bytes' in item) return Uint8Array.from(z.array(z.number()).parse(item.$bytes));
    if ('$deadlineMs' in item) return deadlineIn(systemClock, z.number().parse(item.$deadlineMs));
    return item;
  });
}

export function readPortCall(json: string): PortCall {
  return portCallSchema.parse(readPortJson(json));
}
