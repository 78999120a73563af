import { expect, it } from 'vitest';
import { callUpstreamWith, inSeconds } from '../../test/read-path-builders.ts';
import { createWorkersAiConverter } from './workers-ai-converter.ts';

const file = { name: 'a.pdf', mediaType: 'application/pdf', bytes: Uint8Array.of(1, 2, 3) };
const described = { id: '1', name: 'a.pdf', mimeType: 'application/pdf', tokens: 2 };

function convert(answer: () => unknown, calls: unknown[][] = []) {
  const ai = {
    async toMarkdown(...call: unknown[]) {
      calls.push(call);
      return answer();
    },
  };
  const converter = createWorkersAiConverter({ ai, callUpstream: callUpstreamWith(), timeoutMs: 1_000 });
  return converter.convert(file, inSeconds(10));
}

it('sends the bytes with their type and asks for no metadata', async () => {
  const calls: unknown[][] = [];
  const result = await convert(() => ({ ...described, format: 'markdown', data: '# A' }), calls);
  expect(result).toEqual({ ok: true, value: '# A' });
  const [[sent, options] = []] = calls;
  expect(options).toEqual({ conversionOptions: { pdf: { metadata: false } } });
  if (!(sent instanceof Object && 'blob' in sent && sent.blob instanceof Blob)) throw new Error('no blob was sent');
  expect([sent.blob.type, new Uint8Array(await sent.blob.arrayBuffer())]).toEqual(['application/pdf', file.bytes]);
});

it('takes a plain text for what it is', async () => {
  expect(await convert(() => ({ ...described, format: 'text', data: 'A' }))).toEqual({ ok: true, value: 'A' });
});

it('takes the converter’s refusal of a file for final, in its own words', async () => {
  const result = await convert(() => ({ ...described, format: 'error', error: 'Password required' }));
  const error = { class: 'permanent', code: 'CONVERSION_FAILED', message: 'Password required' };
  expect(result).toMatchObject({ ok: false, error });
});

it.each([
  ['3040: Capacity temporarily exceeded', 'rate-limited', '3040'],
  ['3007: Timeout', 'transient', '3007'],
  ['<html>502</html>', 'transient', 'BAD_ANSWER'],
])('takes %s for %s', async (message, kind, code) => {
  const result = await convert(() => {
    throw Object.assign(new Error(message), { name: 'InferenceUpstreamError' });
  });
  expect(result).toMatchObject({ ok: false, error: { class: kind, code, dependency: 'workers-ai' } });
});

it('takes an answer of another shape for a bad one', async () => {
  const result = await convert(() => ({ markdown: 'A' }));
  expect(result).toMatchObject({ ok: false, error: { class: 'transient', code: 'BAD_ANSWER' } });
});
