import { describe, expect, it } from 'vitest';
import { parse, UsageError } from './command.ts';

const specs = {
  namespace: { type: 'string', description: '' },
  timeout: { type: 'string', description: '', default: '30m' },
  once: { type: 'boolean', description: '' },
  var: { type: 'string', description: '', multiple: true },
} as const;

describe('parsing a command line', () => {
  it('gives every option a value of its type, given or not', () => {
    expect(parse(specs, ['a.md', '--namespace', 'docs', '--var', 'A=1', '--var', 'B=2', 'b.md'])).toEqual({
      options: { help: false, namespace: 'docs', timeout: '30m', once: false, var: ['A=1', 'B=2'] },
      positionals: ['a.md', 'b.md'],
    });
    expect(parse(specs, []).options).toEqual({ help: false, namespace: null, timeout: '30m', once: false, var: [] });
  });

  it.each([['--nmaespace'], ['--once=yes'], ['--namespace'], ['-x']])('refuses %s by name', (argument) => {
    expect(() => parse(specs, [argument])).toThrow(UsageError);
    expect(() => parse(specs, [argument])).toThrow(argument.split('=')[0]);
  });

  it('takes what follows -- as arguments', () => {
    expect(parse(specs, ['--', '--once']).positionals).toEqual(['--once']);
  });
});
