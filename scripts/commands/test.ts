import { defineCommand } from '../command.ts';
import { runVitest } from '../run-vitest.ts';

export const testCommand = defineCommand({
  name: 'test',
  summary: 'Run the test suites: in their short form, or in full.',
  arguments: '[--full] [FILTER…]',
  options: {
    full: { type: 'boolean', description: 'the promised counts and durations (up to 40 minutes)' },
  },
  examples: ['npm test', 'npm test -- src/retrieval'],
  run: ({ options, positionals }) => runVitest(positionals, options.full ? { VIGIL_TEST_FULL: '1' } : {}),
});
