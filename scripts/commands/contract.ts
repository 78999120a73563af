import { defineCommand } from '../command.ts';
import { runVitest } from '../run-vitest.ts';

export const contractCommand = defineCommand({
  name: 'contract',
  summary: 'Run the contract suite of every port on every adapter.',
  arguments: '[--live]',
  options: {
    live: { type: 'boolean', description: 'on your own accounts instead of the local cloud; needs their credentials' },
  },
  examples: ['npm run contract', 'npm run contract -- --live'],
  run: ({ options }) => runVitest(['test/contract'], options.live ? { VIGIL_CONTRACT_LIVE: '1' } : {}),
});
