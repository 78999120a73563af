import { describe, expect, it } from 'vitest';
import { createOutput } from './output.ts';

function streams(isTTY: boolean) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    isTTY,
    columns: 60,
    write: (text: string) => {
      written[name] += text;
    },
  });
  return { written, stdout: stream('stdout'), stderr: stream('stderr') };
}

describe('output', () => {
  it('keeps progress in a log to a line for each tenth', () => {
    const { written, stdout, stderr } = streams(false);
    const progress = createOutput({ json: false, stdout, stderr }).progress('Sending', 100);
    for (let done = 1; done <= 100; done++) progress.update(done);
    progress.end();
    const lines = written.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe('Sending 100/100');
    expect(written.stdout).not.toContain('\x1b');
  });

  it('redraws one line that fits a terminal', () => {
    const { written, stdout, stderr } = streams(true);
    const progress = createOutput({ json: false, stdout, stderr }).progress('Sending', 4);
    progress.update(2, 'a-rather-long-path/of-a-document.md');
    progress.update(4);
    progress.end();
    const frames = written.stdout.split('\r\x1b[K');
    expect(frames).toHaveLength(3);
    expect(frames[1]).toContain('2/4');
    expect(frames.every((frame) => frame.trimEnd().length < 60)).toBe(true);
    expect(written.stdout.match(/\n/g)).toHaveLength(1);
  });

  it('leaves standard output to the records with --json', () => {
    const { written, stdout, stderr } = streams(false);
    const output = createOutput({ json: true, stdout, stderr });
    output.line('for people');
    output.record({ a: 1 });
    expect(written).toEqual({ stdout: '{"a":1}\n', stderr: 'for people\n' });
  });

  it('prints no record without --json', () => {
    const { written, stdout, stderr } = streams(false);
    createOutput({ json: false, stdout, stderr }).record({ a: 1 });
    expect(written.stdout).toBe('');
  });
});
