import { type Document, parseDocument, Scalar } from 'yaml';
import type { Metadata } from '../retrieval/passage.ts';
import {
  MAX_LISTED_TEXTS,
  MAX_METADATA_BYTES,
  metadataBytes,
  metadata as metadataSchema,
  metadataValue,
  url as urlSchema,
} from './description-schema.ts';
import { plainTitle } from './document-title.ts';
import { frontMatterOf } from './front-matter.ts';

/** What is known of a document beside its text. */
export interface Description {
  title: string | null;
  url: string | null;
  metadata: Metadata;
}

// More says nothing that the metadata could hold, and parsing it would take longer than a request may.
const MAX_CHARACTERS = 8_192;
const MAX_LISTED = 500;
// Nothing below the second level is used, and the parser is recursive.
const MAX_BRACKETS = 20;
const MAX_INDENT = /^[ \t]{60}/m;
const MIDNIGHT = 'T00:00:00.000Z';

/**
 * Completes a description from the Markdown's front matter: what was given wins, and of the front matter only what
 * fits is taken. One that is not valid YAML, or too long, is not read.
 */
export function describedBy(content: string, given: Description): Description {
  const found = readFrontMatter(content);
  if (found === null) return given;
  const { title, url, ...rest } = found;
  return {
    title: given.title ?? titleOf(title),
    url: given.url ?? urlSchema.safeParse(url).data ?? null,
    metadata: withRoomFor(given.metadata, rest),
  };
}

function readFrontMatter(content: string): Record<string, unknown> | null {
  const yaml = frontMatterOf(content);
  if (yaml === null || yaml.length > MAX_CHARACTERS || isTooMuch(yaml)) return null;
  try {
    const document = parseDocument(yaml, { schema: 'core', customTags: ['timestamp'], logLevel: 'silent' });
    if (document.errors.length > 0) return null;
    // An alias can make much of little.
    const value: unknown = document.toJS({ maxAliasCount: 0 });
    return isRecord(value) ? { ...value, title: titleAsWritten(document) } : null;
  } catch {
    // The parser throws for aliases and for what it cannot resolve: no front matter of ours.
    return null;
  }
}

function isTooMuch(yaml: string): boolean {
  let open = 0;
  let listed = 0;
  for (const character of yaml) {
    if (character === ',' || character === '\n') listed += 1;
    if (character === '[' || character === '{') open += 1;
    if (character === ']' || character === '}') open -= 1;
    if (open > MAX_BRACKETS || listed > MAX_LISTED) return true;
  }
  return MAX_INDENT.test(yaml);
}

/** A text, or a number or date as its author wrote it. */
function titleAsWritten(document: Document): string | null {
  const title = document.get('title', true);
  if (!(title instanceof Scalar)) return null;
  if (typeof title.value === 'string') return title.value;
  return typeof title.value === 'number' || title.value instanceof Date ? (title.source ?? null) : null;
}

function titleOf(value: unknown): string | null {
  return typeof value === 'string' ? plainTitle(value.replace(/\s+/g, ' ')) : null;
}

/** In its own order, as long as all of it fits. */
function withRoomFor(given: Metadata, found: Record<string, unknown>): Metadata {
  let described = given;
  for (const [key, value] of Object.entries(found)) {
    const entry = plainValue(value);
    if (entry === null || Object.hasOwn(given, key)) continue;
    const longer = { ...described, [key]: entry };
    if (metadataBytes(longer) > MAX_METADATA_BYTES || !metadataSchema.safeParse({ [key]: entry }).success) continue;
    described = longer;
  }
  return described;
}

function plainValue(value: unknown): Metadata[string] | null {
  const plain = Array.isArray(value)
    ? value.slice(0, MAX_LISTED_TEXTS).flatMap((item) => (isScalar(item) ? [String(plainScalar(item))] : []))
    : plainScalar(value);
  return metadataValue.safeParse(plain).data ?? null;
}

function plainScalar(value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  if (Number.isNaN(value.getTime())) return null;
  const text = value.toISOString();
  return text.endsWith(MIDNIGHT) ? text.slice(0, -MIDNIGHT.length) : text;
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value instanceof Date;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
