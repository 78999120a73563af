import { describe, expect, it } from 'vitest';
import { classifyUpstashError } from './upstash-errors.ts';

describe('what the Upstash clients throw', () => {
  it.each([
    ['Unauthorized: Invalid auth token', 'configuration', '401'],
    ['WRONGPASS invalid or missing auth token', 'configuration', '401'],
    ['Invalid vector dimension: 3, expected: 384', 'configuration', '422'],
    ['ERR DB capacity quota exceeded', 'configuration', 'QUOTA'],
    ['ERR max requests limit exceeded. Limit: 500000', 'rate-limited', '429'],
    ['ERR max daily request limit exceeded', 'rate-limited', '429'],
    ['ERR max request size exceeded. Limit: 10 bytes, Actual: 20 bytes', 'permanent', '400'],
    ['EXECABORT Transaction discarded because of previous errors.', 'permanent', '400'],
    ['something went wrong', 'transient', 'UPSTASH_ERROR'],
  ])('%s is %s', (message, errorClass, code) => {
    expect(classifyUpstashError(new Error(message))).toMatchObject({ class: errorClass, code });
  });

  it('never carries the command, which holds keys and values', () => {
    const error = new Error('ERR syntax error, command was: ["set","key","a cached answer"]');
    expect(classifyUpstashError(error).message).toBe('ERR syntax error');
  });

  it('never quotes a body that is not JSON', () => {
    expect(classifyUpstashError(new SyntaxError('Unexpected token < in <html>secret'))).toEqual({
      class: 'transient',
      code: 'BAD_ANSWER',
      message: 'the answer is not JSON',
    });
  });
});
