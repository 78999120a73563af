import { describe, expect, it } from 'vitest';
import { classifyWorkersAiError } from './workers-ai-errors.ts';

describe('what Workers AI throws', () => {
  it.each([
    ['3040: Capacity temporarily exceeded, please try again.', 'rate-limited', '3040'],
    ['3007: Request timeout', 'transient', '3007'],
    ['3006: Request is too large', 'permanent', '3006'],
    ["5006: Error: oneOf at '/' not met", 'permanent', '5006'],
    ['5007: No such model @cf/x/y or task', 'configuration', '5007'],
    ['InferenceUpstreamError: 5018: model not allowed', 'configuration', '5018'],
    ['9999: something new', 'transient', '9999'],
    ['error code: 429', 'rate-limited', '429'],
    ['<html>Bad gateway</html>', 'transient', 'BAD_ANSWER'],
  ])('%s is %s', (message, errorClass, code) => {
    expect(classifyWorkersAiError(new Error(message))).toMatchObject({ class: errorClass, code });
  });

  it('waits an hour when the free neurons of the day are gone', () => {
    expect(classifyWorkersAiError(new Error('3036: used up your daily free allocation'))).toMatchObject({
      class: 'rate-limited',
      retryAfterMs: 3_600_000,
    });
  });
});
