import { defineConfig } from 'vitest/config';

/** By a configuration of its own, so that no other run of the tests can touch an account. */
export default defineConfig({
  test: { include: ['test/contract/live.suites.ts'], hookTimeout: 120_000, reporters: ['verbose'] },
});
