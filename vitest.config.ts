import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Whole-system suites wait for queues and stores; two cores run one file of them at a time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // For wrangler's test harness: no call leaves the machine, and the queue does not print a line for every batch.
    env: {
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_LOG: 'error',
      X_LOCAL_OBSERVABILITY: 'false',
    },
    include: [
      'src/**/*.test.ts',
      'local/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/**/*.test.ts',
      'test/**/*.test.ts',
    ],
  },
});
