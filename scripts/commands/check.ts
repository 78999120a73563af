import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineCommand, EXIT } from '../command.ts';
import { PROJECT_ROOT } from '../project.ts';
import { captureProcess } from '../run-process.ts';
import { WRANGLER_CLI, wranglerEnvironment } from '../stack/wrangler.ts';

interface Check {
  name: string;
  program: string;
  argv: string[];
  env?: Record<string, string>;
}

export const checkCommand = defineCommand({
  name: 'check',
  summary: 'Format, lint, types and a dry deployment of both Workers.',
  arguments: '',
  options: {},
  examples: ['npm run check'],
  run: async ({ output }) => {
    const outDir = mkdtempSync(join(tmpdir(), 'vigil-check-'));
    try {
      let failures = 0;
      for (const { name, program, argv, env } of checks(outDir)) {
        const { exitCode, text } = await captureProcess(program, argv, env === undefined ? {} : { env });
        output.line(`${exitCode === 0 ? 'ok    ' : 'FAILED'}  ${name}`);
        if (exitCode === 0) continue;
        failures += 1;
        output.problem(text.trimEnd());
      }
      return failures === 0 ? EXIT.ok : EXIT.failed;
    } finally {
      rmSync(outDir, { recursive: true });
    }
  },
});

function checks(outDir: string): Check[] {
  return [
    { name: 'format and lint', program: bin('biome'), argv: ['ci', '--colors=off', '--error-on-warnings', '.'] },
    { name: 'types of the Workers', program: bin('tsc'), argv: ['-p', 'tsconfig.json'] },
    { name: 'types of scripts and tests', program: bin('tsc'), argv: ['-p', 'tsconfig.node.json'] },
    dryDeployment('vigil', 'wrangler.toml', outDir),
    dryDeployment('vigil-ingest', join('queues', 'wrangler.toml'), outDir),
  ];
}

function dryDeployment(worker: string, config: string, outDir: string): Check {
  const argv = [WRANGLER_CLI, 'deploy', '--dry-run', '-c', config, '--outdir', join(outDir, worker)];
  return { name: `dry deployment of ${worker}`, program: process.execPath, argv, env: wranglerEnvironment(outDir) };
}

function bin(name: string): string {
  return join(PROJECT_ROOT, 'node_modules', '.bin', name);
}
