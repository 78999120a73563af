import { describe, expect, it } from 'vitest';
import { BadAnswerError } from '../resilience/bad-answer.ts';
import { classifyVectorizeError } from './vectorize-errors.ts';

describe('what Vectorize throws', () => {
  it.each([
    ['VECTOR_UPSERT_ERROR (code = 40041): Too Many Requests', 'rate-limited', '40041'],
    ['VECTOR_QUERY_ERROR (code = 40006): invalid query vector', 'configuration', '40006'],
    [
      'VECTOR_UPSERT_ERROR (code = 40012): invalid vector for id="a", expected 3 dimensions, and got 2 dimensions',
      'configuration',
      '40012',
    ],
    ['VECTOR_QUERY_ERROR (code = 40025): max top K is 50', 'permanent', '40025'],
    ['VECTOR_UPSERT_ERROR (code = 40008): id too long', 'permanent', '40008'],
    ['VECTOR_QUERY_ERROR (code = 10002): internal', 'transient', '10002'],
    ['VECTOR_QUERY_ERROR: Status + 500', 'transient', '500'],
    ['VECTOR_QUERY_ERROR: Status + 429', 'rate-limited', '429'],
    ['INDEX_GET_ERROR: Status + 404', 'configuration', '404'],
    ['Failed to parse body as JSON, got: <html>', 'transient', 'BAD_ANSWER'],
    ['Network connection lost.', 'transient', 'NETWORK'],
  ])('%s is %s', (message, errorClass, code) => {
    expect(classifyVectorizeError(new Error(message))).toMatchObject({ class: errorClass, code });
  });

  it('is transient when the answer could not be read', () => {
    expect(classifyVectorizeError(new BadAnswerError('no match'))).toMatchObject({
      class: 'transient',
      code: 'BAD_ANSWER',
    });
  });
});
