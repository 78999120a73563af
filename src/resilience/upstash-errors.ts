import { type Classified, classifyCommon, messageOf } from './classify-common.ts';

// Both clients throw an `UpstashError` with a text and nothing else, so the vendor's wording decides.
const BY_WORDING: readonly [RegExp, Classified['class'], string][] = [
  [/unauthorized|invalid auth token|wrongpass|noperm/i, 'configuration', '401'],
  [/dimension|embedding .*not enabled/i, 'configuration', '422'],
  [/capacity quota exceeded/i, 'configuration', 'QUOTA'],
  [/max (daily )?requests? limit|too many requests|rate limit|exceeded (daily|monthly)/i, 'rate-limited', '429'],
  [
    /max (request|single record|key) size exceeded|execabort|wrongtype|syntax error|wrong number|unknown command|invalid/i,
    'permanent',
    '400',
  ],
];

/** Upstash Redis and Upstash Vector alike. */
export function classifyUpstashError(error: unknown): Classified {
  const common = classifyCommon(error);
  if (common !== null) return common;
  // The Redis client appends the whole command: keys, cached answers, embeddings.
  const message = messageOf(error).split(/,? ?command was:/)[0] ?? '';
  const known = BY_WORDING.find(([wording]) => wording.test(message));
  if (known === undefined) return { class: 'transient', code: 'UPSTASH_ERROR', message };
  return { class: known[1], code: known[2], message };
}
