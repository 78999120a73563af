import type { ApiAnswer } from './api-client.ts';

/** An answer for a person: its text, what it cites, and how it was made. */
export function describeAnswer(answer: ApiAnswer): string {
  const text = answer.refused ? `No answer: ${answer.reason ?? 'the documents do not say'}` : (answer.answer ?? '');
  const citations = answer.citations.map(
    ({ n, documentId, title, quote }) =>
      `  [${n}] ${documentId}${title === null ? '' : `  ${title}`}${quote === null ? '' : `\n      “${shorten(quote)}”`}`,
  );
  return [text, '', ...citations, ...(citations.length > 0 ? [''] : []), ...describeService(answer)].join('\n');
}

function describeService({ servedBy, cache, degraded, timings, usage }: ApiAnswer): string[] {
  const caches = Object.entries(cache).flatMap(([name, state]) =>
    typeof state === 'string' ? [`${name} ${state}`] : [],
  );
  const times = Object.entries(timings).flatMap(([name, ms]) =>
    ms === null ? [] : [`${name.replace(/Ms$/, '')} ${Math.round(ms)} ms`],
  );
  return [
    `Served by  ${servedBy.retrieval ?? 'nobody'}, ${servedBy.generation ?? 'no model'}`,
    `Cache      ${caches.join(', ')}`,
    `Time       ${times.join(', ')}`,
    `Cost       $${usage.costUsd.toFixed(6)}`,
    ...degraded.map(({ step, reason }) => `Degraded   ${step}: ${reason}`),
  ];
}

const QUOTE_CHARACTERS = 160;

function shorten(quote: string): string {
  const line = quote.replaceAll(/\s+/g, ' ').trim();
  return line.length > QUOTE_CHARACTERS ? `${line.slice(0, QUOTE_CHARACTERS - 1)}…` : line;
}
