import { afterEach, expect, test, vi } from 'vitest';
import { createApiIsolate, createIngestIsolate } from './services.ts';

afterEach(() => void vi.restoreAllMocks());

test.each([
  ['API', () => createApiIsolate().createServices],
  ['ingestion', () => createIngestIsolate()],
])('the %s Worker logs the keys of a configuration it refuses, each time, and no value', (_, createIsolate) => {
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  const createServices = createIsolate();
  const env = { ENVIRONMENT: 'hunter2', UPSTASH_REDIS_REST_URL: 'hunter2', EMBEDDING_MODEL: 'hunter2' };
  for (const _attempt of [1, 2]) expect(createServices(env, () => {}).ok).toBe(false);
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(JSON.parse(line)).toEqual({ event: 'config.invalid', keys: expect.arrayContaining(['ENVIRONMENT', 'AI']) });
    expect(line).not.toContain('hunter2');
  }
});
