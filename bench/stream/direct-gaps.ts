import { CommandFailure } from '../../scripts/command.ts';

/** The gaps between the tokens of a local model itself, read where Vigil's Workers read it. */
export async function readDirectGaps(cloudUrl: string, model: string, signal: AbortSignal): Promise<number[]> {
  const sentences = Array.from(
    { length: 6 },
    (_, n) => `Cats number ${n} sleep for sixteen long hours every single day.`,
  );
  const prompt = `<passage n="1">${sentences.join(' ')}</passage><question>How long do cats sleep every day?</question>`;
  const response = await fetch(`${cloudUrl}/ai/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, inputs: { prompt, stream: true, max_tokens: 400 }, options: {} }),
    signal,
  });
  if (!response.ok || response.body === null) throw new CommandFailure(`the model answered ${response.status}`);
  const times: number[] = [];
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const frames = chunk.split('\n\n').filter((frame) => frame !== '').length;
    times.push(...Array.from({ length: frames }, () => performance.now()));
  }
  return gapsOf(times);
}

export function gapsOf(timesMs: readonly number[]): number[] {
  return timesMs.slice(1).map((atMs, index) => atMs - (timesMs[index] ?? atMs));
}
