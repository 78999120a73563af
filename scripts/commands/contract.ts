import { scratchName } from '../../test/contract/scratch-name.ts';
import { CommandFailure, defineCommand, EXIT } from '../command.ts';
import { type PlannedSuite, planLiveSuites } from '../contract/live-plan.ts';
import type { Output } from '../output.ts';
import { captureProcess } from '../run-process.ts';
import { runVitest } from '../run-vitest.ts';
import { WRANGLER_CLI } from '../stack/wrangler.ts';

export const contractCommand = defineCommand({
  name: 'contract',
  summary: 'Run the contract suite of every port on every adapter.',
  arguments: '[--live]',
  options: {
    live: { type: 'boolean', description: 'on your own accounts instead of the local cloud; needs their credentials' },
  },
  examples: ['npm run contract', 'npm run contract -- --live'],
  run: ({ options, output }) => (options.live ? runLive(output) : runVitest(['test/contract'], {})),
});

async function runLive(output: Output): Promise<number> {
  const run = scratchName();
  const plan = await planLiveSuites(process.env, { scratchName: run, isSignedIn });
  if (!plan.ok) throw new CommandFailure(plan.because);
  output.line('The contract suites on your own accounts:');
  for (const suite of plan.suites) output.line(lineOf(suite));

  const names = plan.suites.filter(({ state }) => state === 'runs').map(({ name }) => name);
  if (names.length === 0) {
    output.line('Nothing to run, nothing was touched. docs/deploy.md says what to set.');
    return EXIT.ok;
  }
  output.line(
    'They create and reset no index and no database, and cost less than US$0.05 beyond what your plans include.',
  );
  output.line(`Interrupted, they leave what begins with ${run} behind.`);
  return runVitest(['--config', 'test/contract/live.vitest.config.ts'], {
    VIGIL_LIVE_SUITES: names.join(','),
    VIGIL_LIVE_SCRATCH_NAME: run,
    VIGIL_LIVE_GENERATION_MODEL: plan.generationModel,
    EMBEDDING_MODEL: plan.embeddingModel,
  });
}

function lineOf(suite: PlannedSuite): string {
  const what =
    suite.state === 'runs' ? `runs     ${suite.title}: ${suite.touches}` : `skipped  ${suite.title}: ${suite.because}`;
  return `  ${what}`;
}

async function isSignedIn(): Promise<boolean> {
  const { exitCode } = await captureProcess(process.execPath, [WRANGLER_CLI, 'whoami', '--json']);
  return exitCode === 0;
}
