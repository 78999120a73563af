import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from './project.ts';

function vigil(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(PROJECT_ROOT, 'scripts', 'vigil.mjs'), ...argv],
    {
      encoding: 'utf8',
      env: { ...process.env, VIGIL_STATE: join(PROJECT_ROOT, 'scripts', 'no-such-state') },
    },
  );
  return { status, stdout, stderr };
}

describe('the vigil command', () => {
  it('explains itself and each command on standard output', () => {
    const whole = vigil('--help');
    expect(whole).toMatchObject({ status: 0, stderr: '' });
    for (const name of [
      'start',
      'local',
      'ingest',
      'reconcile',
      'ask',
      'fault',
      'latency',
      'test',
      'contract',
      'check',
      'bench',
    ]) {
      expect(whole.stdout).toContain(`\n  ${name} `);
    }
    const one = vigil('ask', '--help');
    expect(one).toMatchObject({ status: 0, stderr: '' });
    expect(one.stdout).toContain('--namespace NAME');
  });

  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['ask', '--nonsense', 'x'], '--nonsense'],
    [['ask', 'question'], '--namespace'],
    [['ingest', '--namespace', 'docs'], 'at least one'],
    [['ask', 'question', '--namespace', 'docs', '--port', '99999'], "'99999' is not a port"],
    [['ask', 'question', '--namespace', 'docs', '--url', 'https://vigil.example'], '--key'],
    [['reconcile', '--timeout', 'soon'], 'is not a duration'],
    [['start', '--var', 'novalue'], 'KEY=VALUE'],
    [['bench', 'quality'], '--dataset'],
    [[], ''],
  ])('answers %j with usage and exit code 2', (argv, words) => {
    const { status, stdout, stderr } = vigil(...argv);
    expect(status).toBe(2);
    expect(`${stdout}${stderr}`).toContain(words);
    expect(`${stdout}${stderr}`).toMatch(/--help/);
    expect(stderr).not.toContain('    at ');
  });

  it('says how to get a Vigil to talk to when none is running', () => {
    const { status, stderr } = vigil('ask', 'question', '--namespace', 'docs');
    expect(status).toBe(1);
    expect(stderr).toContain('npm start');
  });

  it('says that nothing answers at an address without a Vigil', () => {
    const { status, stderr } = vigil('ask', 'q', '--namespace', 'docs', '--url', 'http://127.0.0.1:9', '--key', 'k');
    expect(status).toBe(1);
    expect(stderr).toContain('Nothing answers at http://127.0.0.1:9');
  });
});
