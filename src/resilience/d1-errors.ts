import { type Classified, classifyCommon, messageOf } from './classify-common.ts';

// https://developers.cloudflare.com/d1/observability/debug-d1/: D1 throws plain errors and tells them apart by text.
const BY_WORDING: readonly [RegExp, Classified['class'], string][] = [
  [/no such (table|column)/i, 'configuration', 'NOT_MIGRATED'],
  [/overloaded|too many requests/i, 'rate-limited', 'OVERLOADED'],
  [/syntax error|toobig|too big|too many sql variables|constraint|datatype mismatch/i, 'permanent', 'SQL'],
];

export function classifyD1Error(error: unknown): Classified {
  const common = classifyCommon(error);
  if (common !== null) return common;
  const message = messageOf(error);
  const known = BY_WORDING.find(([wording]) => wording.test(message));
  if (known === undefined) return { class: 'transient', code: 'D1_ERROR', message };
  return { class: known[1], code: known[2], message };
}
