import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Connection } from '../../scripts/api-client.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import { FINGERPRINT_MISMATCH } from '../../src/retrieval/fingerprint.ts';
import type { MadeText } from './made-documents.ts';

export interface MadeDocument {
  id: string;
  text: MadeText;
  /** Markdown when left out. */
  contentType?: 'text/markdown' | 'text/plain' | 'text/html';
  metadata?: Record<string, string | number>;
}

export interface Answered {
  status: number;
  json: unknown;
}

const PUTS_AT_ONCE = 8;
const LOOK_AGAIN_MS = 250;
const READY_WITHIN_MS = 20 * 60_000;
const RETRY_AFTER_MS = 500;

const documentAnswer = z.object({
  state: z.string(),
  version: z.int(),
  liveVersion: z.int().nullable(),
  stores: z.record(z.string(), z.string()),
  failed: z.object({ code: z.string(), message: z.string(), nextRetryAt: z.string().nullable() }).nullable(),
});

const namespaceAnswer = z.object({ documents: z.object({ total: z.int(), ready: z.int() }) });

/** One request; a body is sent as JSON. */
export async function request(
  { url, key }: Connection,
  method: string,
  path: string,
  { body, headers = {}, signal }: { body?: unknown; headers?: Record<string, string>; signal: AbortSignal },
): Promise<Answered> {
  const response = await fetch(`${url}/v1/namespaces/${path}`, {
    method,
    // Cloudflare compresses behind the Worker; here it would be done on the thread that all Workers share.
    headers: {
      authorization: `Bearer ${key}`,
      'accept-encoding': 'identity',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal,
  });
  const text = await response.text();
  return { status: response.status, json: parseJson(text) };
}

/** As `request`, when any other status than these ends the measurement. */
export async function requestFor(
  statuses: readonly number[],
  ...[stack, method, path, options]: Parameters<typeof request>
): Promise<Answered> {
  const answered = await request(stack, method, path, options);
  if (statuses.includes(answered.status)) return answered;
  const detail = JSON.stringify(answered.json).slice(0, 300);
  throw new CommandFailure(`${method} ${path} was answered with ${answered.status}: ${detail}`);
}

export function documentPath(namespace: string, id: string): string {
  return `${namespace}/documents/${encodeURIComponent(id)}`;
}

/** Puts a document, as often as it is told to come back; returns its version. */
export async function putMade(
  stack: Connection,
  namespace: string,
  { id, text, contentType = 'text/markdown', metadata }: MadeDocument,
  signal: AbortSignal,
): Promise<number> {
  const body = { content: text.markdown, contentType, ...(metadata && { metadata }) };
  for (;;) {
    const answered = await requestFor([200, 202, 429], stack, 'PUT', documentPath(namespace, id), { body, signal });
    if (answered.status !== 429) return documentAnswer.parse(answered.json).version;
    await sleep(RETRY_AFTER_MS, undefined, { signal });
  }
}

/** Puts all, some at a time, and returns their versions by id. */
export async function putAll(
  stack: Connection,
  namespace: string,
  documents: readonly MadeDocument[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  await forEachConcurrently([...documents], PUTS_AT_ONCE, async (document) => {
    versions.set(document.id, await putMade(stack, namespace, document, signal));
  });
  return versions;
}

/** How many documents a namespace has, and how many of them are ready. */
export async function documentCounts(
  stack: Connection,
  namespace: string,
  signal: AbortSignal,
): Promise<{ total: number; ready: number }> {
  const { json } = await requestFor([200], stack, 'GET', namespace, { signal });
  return namespaceAnswer.parse(json).documents;
}

/** Waits until each is ready; `everywhere`: and current in every store. */
export async function waitUntilReady(
  stack: Connection,
  namespace: string,
  ids: readonly string[],
  { everywhere, signal }: { everywhere: boolean; signal: AbortSignal },
): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  await forEachConcurrently([...ids], PUTS_AT_ONCE, async (id) => {
    while (!(await isReady(stack, namespace, id, { everywhere, signal }))) {
      if (performance.now() > giveUpAt)
        throw new CommandFailure(`Document ${id} in ${namespace} did not become ready.`);
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
    }
  });
}

async function isReady(
  stack: Connection,
  namespace: string,
  id: string,
  { everywhere, signal }: { everywhere: boolean; signal: AbortSignal },
): Promise<boolean> {
  const { json } = await requestFor([200], stack, 'GET', documentPath(namespace, id), { signal });
  const { state, version, liveVersion, stores, failed } = documentAnswer.parse(json);
  if (failed?.code === FINGERPRINT_MISMATCH) {
    throw new CommandFailure(
      `The suite's stack was filled by another version: give another --state. ${failed.message}`,
    );
  }
  if (state === 'failed' && failed !== null && failed.nextRetryAt === null) {
    throw new CommandFailure(`Document ${id} in ${namespace} failed: ${failed.code}: ${failed.message}`);
  }
  if (state !== 'ready' || liveVersion !== version) return false;
  return !everywhere || Object.values(stores).every((store) => store === 'current');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
