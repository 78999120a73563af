import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import { anUpstreamError, aPassage, inSeconds } from '../../test/read-path-builders.ts';
import { fail, succeed } from '../result.ts';
import { assessSupport, type SupportServices, supportOfVerbatim } from './support.ts';

const PASSAGES = [
  aPassage(
    1,
    'The body limit middleware rejects requests that are larger than 100 kb. The limit is not applied to streams. ' +
      'Uploads are enabled by default. Cookies are signed when a secret is given. The server sends status 413 before the handler runs.',
    { title: 'Body Limit' },
  ),
  aPassage(
    2,
    'The timeout is 1,000 ms at minimum. Retries are never made for POST requests. A token is required for private routes.',
  ),
  aPassage(3, 'Die Grenze wird nicht auf Datenströme angewendet. Die Anmeldung ist erforderlich.'),
];

const withoutModel: SupportServices = { clock: createManualClock(), claims: null };

async function isSupported(answer: string): Promise<boolean> {
  const { support } = await assessSupport(withoutModel, answer, PASSAGES, inSeconds(5));
  return support.sentences.every(({ supported }) => supported);
}

describe('a sentence that says what its passages say', () => {
  it.each([
    'The middleware rejects requests larger than 100 kb [1].',
    'Requests larger than 100 kb are rejected by the body limit middleware [1].',
    'The limit is not applied to streams [1].',
    'It does not apply the limit to streams [1].',
    'Uploads are enabled by default [1].',
    'By default, uploads are enabled [1].',
    'Cookies are signed when a secret is given [1].',
    'When a secret is given, the cookies are signed [1].',
    'The server sends status 413 before the handler runs [1].',
    'The timeout is at minimum 1000 ms [2].',
    'For POST requests, retries are never made [2].',
    'Private routes require a token [2].',
    'A token is required for private routes. [2]',
    'Die Grenze wird nicht auf Datenströme angewendet [3].',
    'Die Anmeldung ist erforderlich [3].',
  ])('is supported: %s', async (answer) => {
    expect(await isSupported(answer)).toBe(true);
  });
});

describe('a sentence that says something else', () => {
  it.each([
    ['another number', 'The middleware rejects requests larger than 200 kb [1].'],
    ['another number', 'The server sends status 400 before the handler runs [1].'],
    ['another number', 'The timeout is 5,000 ms at minimum [2].'],
    ['a number of its own', 'Cookies are signed when 2 secrets are given [1].'],
    ['a negation', 'The body limit middleware does not reject requests that are larger than 100 kb [1].'],
    ['a negation', 'Cookies are not signed when a secret is given [1].'],
    ['a negation', 'Uploads are not enabled by default [1].'],
    ['a negation', 'A token is not required for private routes [2].'],
    ['a negation', 'Die Anmeldung ist nicht erforderlich [3].'],
    ['no negation', 'The limit is applied to streams [1].'],
    ['no negation', 'Retries are made for POST requests [2].'],
    ['no negation', 'Die Grenze wird auf Datenströme angewendet [3].'],
    ['the opposite', 'Uploads are disabled by default [1].'],
    ['the opposite', 'The server sends status 413 after the handler runs [1].'],
    ['the opposite', 'The timeout is 1,000 ms at maximum [2].'],
    ['the opposite', 'A token is optional for private routes [2].'],
    ['the opposite', 'A token is required for public routes [2].'],
    ['the opposite', 'The body limit middleware accepts requests that are larger than 100 kb [1].'],
    ['something unheard of', 'Sessions live in a Durable Object for a week [1].'],
    ['something of another passage', 'A token is required for private routes [1].'],
    ['nothing cited', 'The documents do not say.'],
  ])('is flagged: %s: %s', async (_why, answer) => {
    expect(await isSupported(answer)).toBe(false);
  });
});

/** Texts that share a letter at their beginning point the same way. */
function anEmbedder(seen: string[][], fails = false): SupportServices['claims'] {
  return {
    minCosine: 0.8,
    embedder: {
      async embed(texts) {
        seen.push(texts);
        if (fails) return fail(anUpstreamError({ dependency: 'workers-ai' }));
        const vectors = texts.map((text) => new Float32Array(text.startsWith('Large') ? [0, 1] : [1, 0]));
        return succeed({ vectors, tokens: 7, estimated: false });
      },
    },
  };
}

const UNCLEAR =
  'The body limit middleware stops bigger uploads of people [1]. Large bodies make the middleware angry [1].';

describe('what words leave unclear', () => {
  it('is decided by meaning, in one call', async () => {
    const seen: string[][] = [];
    const services = { clock: createManualClock(), claims: anEmbedder(seen) };
    const answer = `${UNCLEAR} The limit is not applied to streams [1].`;
    const { support, embedding } = await assessSupport(services, answer, PASSAGES, inSeconds(5));
    expect(seen).toHaveLength(1);
    expect(support).toMatchObject({ estimate: true, method: 'lexical+embedding' });
    expect(support.sentences.map(({ supported }) => supported)).toEqual([true, false, true]);
    expect(embedding).toEqual({ tokens: 7, estimated: false });
  });

  it('is asked for a dozen sentences at most', async () => {
    const seen: string[][] = [];
    const answer = Array.from(
      { length: 30 },
      (_, n) => `The body limit middleware stops uploads like ${'x'.repeat(n + 3)} [1].`,
    );
    await assessSupport(
      { clock: createManualClock(), claims: anEmbedder(seen) },
      answer.join(' '),
      PASSAGES,
      inSeconds(5),
    );
    expect(seen[0]).toHaveLength(24);
  });

  it.each([
    ['the model fails', true, 5],
    ['there is no time', false, 0.1],
  ])('is not supported when %s', async (_why, fails, seconds) => {
    const services = { clock: createManualClock(), claims: anEmbedder([], fails) };
    const { support, embedding } = await assessSupport(services, UNCLEAR, PASSAGES, inSeconds(seconds));
    expect(support.method).toBe('lexical');
    expect(support.sentences.map(({ supported }) => supported)).toEqual([false, false]);
    expect(embedding.tokens).toBe(0);
  });
});

it('has the place of each sentence in the answer', async () => {
  const answer = 'Uploads are enabled by default [1]. Sessions live for ever.';
  const { support } = await assessSupport(withoutModel, answer, PASSAGES, inSeconds(5));
  expect(support.sentences.map(({ start, end }) => answer.slice(start, end))).toEqual([
    'Uploads are enabled by default [1].',
    'Sessions live for ever.',
  ]);
});

it('is certain of what is verbatim', () => {
  expect(supportOfVerbatim('Cookies are signed. [1]\n\nSo they are. [1]').sentences).toEqual([
    { start: 0, end: 19, supported: true, score: 1 },
    { start: 25, end: 37, supported: true, score: 1 },
  ]);
});
