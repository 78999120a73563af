import { type Classified, classifyCommon, messageOf } from '../resilience/classify-common.ts';

const HOUR_MS = 60 * 60 * 1000;

// https://developers.cloudflare.com/workers-ai/platform/errors/
const CLASS_BY_CODE: ReadonlyMap<string, Classified['class']> = new Map([
  // Out of capacity, also what `rejectIfBusy` answers with.
  ['3040', 'rate-limited'],
  // The free neurons of the day are used up.
  ['3036', 'rate-limited'],
  ['3007', 'transient'],
  ['3008', 'transient'],
  ['3003', 'permanent'],
  ['3006', 'permanent'],
  ['3039', 'permanent'],
  ['5004', 'permanent'],
  ['5005', 'permanent'],
  // The input does not fit the model's schema, such as too many texts; seen, not on the page.
  ['5006', 'permanent'],
  ['5019', 'permanent'],
  ['5007', 'configuration'],
  ['3042', 'configuration'],
  ['5016', 'configuration'],
  ['5018', 'configuration'],
  ['5035', 'configuration'],
  ['3023', 'configuration'],
  ['3041', 'configuration'],
]);

/** The binding throws `InferenceUpstreamError` with `<code>: <description>`, or with a raw body when it was no JSON. */
export function classifyWorkersAiError(error: unknown): Classified {
  const common = classifyCommon(error);
  if (common !== null) return common;
  const message = messageOf(error);
  const code = /(?:^|\s)(\d{4,5}): /.exec(message)?.[1];
  if (code === undefined) return classifyWording(message);
  return {
    class: CLASS_BY_CODE.get(code) ?? 'transient',
    code,
    message,
    // The day ends at 00:00 UTC: asking once an hour finds that soon enough.
    retryAfterMs: code === '3036' ? HOUR_MS : null,
  };
}

// A body that is not the service's own JSON may be anything, so none of it is kept.
function classifyWording(message: string): Classified {
  if (/\b429\b|too many requests/i.test(message)) {
    return { class: 'rate-limited', code: '429', message: 'too many requests' };
  }
  return { class: 'transient', code: 'BAD_ANSWER', message: 'an error without a code' };
}
