import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControlClient } from '../local/control/control-client.ts';
import { documentSchema } from '../src/http/document-view.ts';
import { searchResultSchema } from '../src/query/answer.ts';
import { createMachine, kill, type Machine, type StartedVigil } from './support/vigil-command.ts';

interface Moment {
  name: string;
  /** How many documents have been accepted then. */
  accepted: number;
  waitMs: number;
}

const DOCUMENTS = 20;
const PUTS_AT_ONCE = 8;
const RECOVERS_WITHIN_MS = 60_000;

const shortForm: Moment[] = [
  { name: 'at the tenth 202, with others on their way', accepted: 10, waitMs: 0 },
  { name: 'at the last 202', accepted: DOCUMENTS, waitMs: 0 },
];
const fullForm: Moment[] = [
  { name: '300 ms after the last 202', accepted: DOCUMENTS, waitMs: 300 },
  { name: '1 s after the last 202', accepted: DOCUMENTS, waitMs: 1_000 },
  { name: '3 s after the last 202', accepted: DOCUMENTS, waitMs: 3_000 },
];
const moments = process.env.VIGIL_TEST_FULL === '1' ? [...shortForm, ...fullForm] : shortForm;

// Shorter than production's, as the documents are: what a dead Worker held is free again sooner.
const SETTINGS = ['--var', 'LEASE_MS=10000', '--var', 'REQUEUE_AFTER_MS=3000'];

let machine: Machine;
let state: string;
let vigil: StartedVigil;

beforeAll(async () => {
  machine = createMachine();
  state = machine.newState();
  vigil = await machine.start(state, ...SETTINGS);
}, 120_000);
afterAll(() => machine.scrap());

const documents = Array.from({ length: DOCUMENTS }, (_, n) => {
  const keeper = `Keeper${String.fromCharCode(97 + n)}ovan`;
  return {
    id: `keepers/${n}.md`,
    word: keeper,
    sentence: `${keeper} polishes lens number ${100 + n} every evening.`,
  };
});

describe('documents accepted with 202 are found', () => {
  it.each(moments)(
    'after kill -9 of everything $name',
    async ({ accepted, waitMs }) => {
      const namespace = `keepers-${accepted}-${waitMs}`;
      await slowDown();
      const versions = await putUntil(namespace, accepted, async () => {
        if (waitMs > 0) await sleep(waitMs);
        kill(vigil.command.running());
      });
      expect(versions.size).toBeGreaterThanOrEqual(accepted);
      await vigil.command.exited;
      vigil = await machine.start(state, ...SETTINGS);

      const found = documents.filter(({ id }) => versions.has(id));
      const states = () => Promise.all(found.map(({ id }) => read(namespace, id)));
      const ready = found.map(({ id }) => ({ id, state: 'ready', liveVersion: versions.get(id) }));
      await expect.poll(states, { timeout: RECOVERS_WITHIN_MS, interval: 250 }).toMatchObject(ready);
      for (const { id, word, sentence } of found) {
        expect(await passagesWith(sentence, namespace, { question: word, retrieval: 'lexical' })).toEqual([id]);
        expect(await passagesWith(sentence, namespace, { question: sentence, retrieval: 'vector' })).toEqual([id]);
      }
    },
    180_000,
  );
});

/** So much that the work on all documents is under way at each of the moments; a new start forgets it. */
async function slowDown(): Promise<void> {
  const control = createControlClient(vigil.record.cloudUrl ?? '');
  for (const target of ['ai', 'vectorize', 'vector']) {
    await control.setLatency({ target, profile: { kind: 'fixed', ms: 1_500 } });
  }
}

/** Puts all documents, calls `then` once so many are accepted, and returns the accepted versions by document. */
async function putUntil(namespace: string, accepted: number, then: () => Promise<void>): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  const waiting = [...documents];
  const putting = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const version = await put(namespace, next);
      if (version !== null) versions.set(next.id, version);
      if (version !== null && versions.size === accepted) await then();
    }
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, putting));
  return versions;
}

/** The version that was accepted, or null when the answer never came. */
async function put(namespace: string, { id, word, sentence }: (typeof documents)[number]): Promise<number | null> {
  const body = `# About ${word}\n\n${sentence}\n\n## At night\n\nThe lamp of this lighthouse burns until dawn.`;
  const init = { method: 'PUT', headers: { 'content-type': 'text/markdown' }, body };
  let response: Response;
  let text: string;
  try {
    response = await request(namespace, `documents/${encodeURIComponent(id)}`, init);
    text = await response.text();
  } catch {
    return null;
  }
  expect(response.status).toBe(202);
  return documentSchema.parse(JSON.parse(text)).version;
}

async function read(namespace: string, id: string): Promise<unknown> {
  return (await request(namespace, `documents/${encodeURIComponent(id)}`, {})).json();
}

/** The documents whose passages hold the sentence, best first; one entry for each such passage. */
async function passagesWith(
  sentence: string,
  namespace: string,
  asked: { question: string; retrieval: 'lexical' | 'vector' },
): Promise<string[]> {
  const body = JSON.stringify({ ...asked, topK: 50 });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  const { passages, degraded } = searchResultSchema.parse(await (await request(namespace, 'search', init)).json());
  expect(degraded).toEqual([]);
  return passages.filter(({ text }) => text.includes(sentence)).map(({ documentId }) => documentId);
}

function request(namespace: string, path: string, init: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${vigil.key}`, ...init.headers };
  return fetch(new URL(`/v1/namespaces/${namespace}/${path}`, vigil.url), { ...init, headers });
}
