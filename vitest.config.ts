import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Whole-system suites wait for queues and stores; two cores run one file of them at a time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    include: [
      'src/**/*.test.ts',
      'local/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/**/*.test.ts',
      'test/**/*.test.ts',
    ],
  },
});
