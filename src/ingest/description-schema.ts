import * as z from 'zod';
import { plainText } from '../plain-text.ts';
import { MAX_METADATA_TEXT_CHARACTERS, metadataKey } from '../retrieval/metadata-schema.ts';

export const MAX_TITLE_CHARACTERS = 300;
// Vectorize keeps at most 10 KiB of metadata with a vector, and the passage's text needs most of it.
export const MAX_METADATA_BYTES = 2_048;
export const MAX_LISTED_TEXT_CHARACTERS = 200;
export const MAX_LISTED_TEXTS = 50;

const TOO_MANY_BYTES = `may have at most ${MAX_METADATA_BYTES} bytes as JSON`;
// Nothing about it is malformed: it is refused as a change is that would make it too large.
const TOO_LARGE = { code: 'METADATA_TOO_LARGE' };
// `"a":1,`
const SHORTEST_ENTRY_BYTES = 6;
const MAX_METADATA_KEYS = Math.floor(MAX_METADATA_BYTES / SHORTEST_ENTRY_BYTES);

const METADATA_KEY = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

export const title = plainText.trim().min(1).max(MAX_TITLE_CHARACTERS);

export const url = plainText
  .max(1_000)
  .check(z.url({ protocol: /^https?$/, abort: true }))
  .refine(hasNoCredentials, 'has a user name or password')
  .meta({ format: 'uri', description: 'http or https, without a user name or password' });

export const metadataValue = z.union([
  plainText.max(MAX_METADATA_TEXT_CHARACTERS),
  z.number(),
  z.boolean(),
  z.array(plainText.max(MAX_LISTED_TEXT_CHARACTERS)).max(MAX_LISTED_TEXTS),
]);

export const metadata = z
  .preprocess(
    refuseUnread,
    z.record(metadataKey, metadataValue).refine((value) => metadataBytes(value) <= MAX_METADATA_BYTES, {
      error: TOO_MANY_BYTES,
      params: TOO_LARGE,
    }),
  )
  .meta({
    description: `Comes back with every passage. Keys fit \`${METADATA_KEY.source}\`; at most ${MAX_METADATA_BYTES.toLocaleString('en')} bytes as JSON.`,
  });

export const metadataChange = z
  .preprocess(refuseProto, z.record(metadataKey, metadataValue.nullable()))
  .meta({ description: 'Keys that are absent stay; `null` removes one.' });

/** What all of a document's metadata takes. */
export function metadataBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

function hasNoCredentials(address: string): boolean {
  const { username, password } = new URL(address);
  return username === '' && password === '';
}

// Key by key, very many would take a second to be refused.
function refuseUnread(value: unknown, ctx: z.RefinementCtx): unknown {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  if (keys > MAX_METADATA_KEYS) ctx.addIssue({ code: 'custom', message: TOO_MANY_BYTES, params: TOO_LARGE });
  return refuseProto(value, ctx);
}

// A record drops this key without a word.
function refuseProto(value: unknown, ctx: z.RefinementCtx): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
    ctx.addIssue({ code: 'custom', path: ['__proto__'], message: 'is not allowed as a key' });
  }
  return value;
}
