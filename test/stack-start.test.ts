import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from '@upstash/redis';
import { Index } from '@upstash/vector';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControlClient } from '../local/control/control-client.ts';
import { isPortTaken } from '../scripts/stack/free-port.ts';
import { SAMPLE_NAMESPACE, SAMPLE_QUESTION, sampleDocuments } from '../scripts/stack/sample-documents.ts';
import { findRunningStack, type StackRecord } from '../scripts/stack/stack-record.ts';
import { documentSchema } from '../src/http/document-view.ts';
import { partition } from '../src/partition.ts';
import { searchResultSchema } from '../src/query/answer.ts';
import { createMachine, kill, type Machine, type StartedVigil } from './support/vigil-command.ts';

const LISTENS_WITHIN_MS = 15_000;
const START_TIMEOUT_MS = 120_000;
const SAMPLES = sampleDocuments().length;
const CTRL_C = 130;
const until = { timeout: 25_000, interval: 100 };

let machine: Machine;
let state: string;

beforeAll(() => {
  machine = createMachine();
  state = machine.newState();
});
afterAll(() => machine.scrap());

async function listening(ports: StackRecord['ports']): Promise<number[]> {
  const all = Object.values(ports ?? {}).filter((port) => port !== null);
  const taken = await Promise.all(all.map(isPortTaken));
  return all.filter((_, n) => taken[n]);
}

function workersLog(stateDir: string): string {
  return readFileSync(join(stateDir, 'workers.log'), 'utf8');
}

describe('npm start', () => {
  it(
    '--once prints how to reach it, answers with citations, and leaves nothing behind',
    async () => {
      const command = machine.run('start', '--once', '--port', '0', '--state', state);
      await command.printed('Key: ');
      const ports = findRunningStack(state)?.ports ?? null;
      expect(await listening(ports)).toHaveLength(4);

      expect(await command.exited).toBe(0);
      expect(command.stdout()).toMatch(/^Vigil listens at http:\/\/127\.0\.0\.1:\d+\nKey: vgl_sk_local_\w+$/m);
      expect(command.stdout()).toContain(`${SAMPLES} created, 0 updated, 0 unchanged, 0 failed`);
      expect(command.stdout()).toMatch(/\. \[1\](?: |$)/m);
      expect(command.stdout()).toMatch(/^ {2}\[1\] \w+\.md {2}\w/m);
      expect(command.stdout()).toMatch(/^Served by {2}vectorize, local\/passage-composer$/m);
      expect(command.stdout()).not.toMatch(/warn|error|^ {4}at /im);
      expect([command.stderr(), workersLog(state)]).toEqual(['', '']);

      expect(command.running()).toEqual([]);
      expect(await listening(ports)).toEqual([]);
      expect(machine.litter()).toEqual([]);
    },
    START_TIMEOUT_MS,
  );

  describe('again on the same data', () => {
    let vigil: StartedVigil;

    beforeAll(async () => {
      vigil = await machine.start(state);
    }, START_TIMEOUT_MS);

    it('listens soon and finds its documents unchanged', () => {
      expect(vigil.loaded).toMatchObject({ created: 0, unchanged: SAMPLES, failed: [] });
      expect(vigil.listeningAfterMs).toBeLessThan(LISTENS_WITHIN_MS);
    });

    it('is found by ingest and ask from another terminal', async () => {
      const folder = `${state}-documents`;
      mkdirSync(folder);
      writeFileSync(join(folder, 'harbour.md'), '# Harbour\n\nThe harbour master counts the boats at noon.');
      const typed = async (...argv: string[]) => {
        const command = machine.run(...argv, '--namespace', 'harbour', '--state', state);
        return [await command.exited, command.stdout() + command.stderr()];
      };
      expect(await typed('ingest', folder)).toEqual([0, expect.stringContaining('1 created')]);
      writeFileSync(join(folder, 'blank.md'), '***');
      const failed = expect.stringMatching(/1 unchanged, 1 failed.*\n {2}blank\.md: 422 DOCUMENT_EMPTY/);
      expect(await typed('ingest', folder)).toEqual([1, failed]);
      const answered = expect.stringMatching(/at noon\. \[1\]\n\n {2}\[1\] harbour\.md/);
      expect(await typed('ask', 'When are the boats counted?')).toEqual([0, answered]);
    });

    it('is not disturbed by another start on its folder, which says what runs there', async () => {
      const other = machine.run('start', '--state', state, '--port', '0');
      expect(await other.exited).toBe(1);
      expect(other.stderr()).toMatch(
        new RegExp(`^Vigil is already running at ${vigil.url}, .* --state and --port\\.\n$`),
      );
    });

    it('is not disturbed by another start on its port, which names the next one', async () => {
      const port = Number(new URL(vigil.url).port);
      const other = machine.run('start', '--state', machine.newState(), '--port', String(port));
      expect(await other.exited).toBe(1);
      expect(other.stderr()).toBe(`Port ${port} is already in use. Choose another: --port ${port + 1}\n`);
      expect(other.running()).toEqual([]);
    });

    it(
      'answers from its own data beside another one, which Ctrl-C ends with everything it started',
      async () => {
        const otherState = machine.newState();
        const other = await machine.start(otherState);
        await Promise.all([ingest(vigil, 'The door is painted green.'), ingest(other, 'The door is painted crimson.')]);
        for (const retrieval of ['vector', 'lexical'] as const) {
          expect(await search(vigil, 'How is the door painted?', retrieval)).toEqual(['The door is painted green.']);
          expect(await search(other, 'How is the door painted?', retrieval)).toEqual(['The door is painted crimson.']);
        }

        other.command.interrupt();
        expect(await other.command.exited).toBe(CTRL_C);
        expect(other.command.running()).toEqual([]);
        expect(await listening(other.record.ports)).toEqual([]);
        expect(other.command.stderr()).not.toMatch(/warn|error|^ {4}at /im);
        expect(workersLog(otherState)).toBe('');
        expect(await search(vigil, 'How is the door painted?', 'vector')).toEqual(['The door is painted green.']);
      },
      START_TIMEOUT_MS,
    );

    it('says which option its D1 could be broken with', async () => {
      const fault = machine.run('fault', 'd1', 'error', '--state', state);
      expect(await fault.exited).toBe(1);
      expect(fault.stderr()).toContain('npm start -- --breakable-bindings');
    });

    it.each([
      ['the process that owns it', () => [vigil.record.owner]],
      [
        'everything of it but workerd',
        () => {
          const [others, workerds] = partition(vigil.command.running(), isNotWorkerd);
          // It may end by itself when the others are gone: then nothing would be left to end.
          for (const { pid } of workerds) process.kill(pid, 'SIGSTOP');
          return others;
        },
      ],
    ])(
      'after kill -9 of %s ends what is left and serves',
      async (_, victims) => {
        const killed = vigil;
        kill(victims());
        await killed.command.exited;
        expect(killed.command.running()).not.toEqual([]);

        vigil = await machine.start(state, '--port', new URL(killed.url).port);
        expect(killed.command.running()).toEqual([]);
        expect(vigil.loaded).toMatchObject({ unchanged: SAMPLES, failed: [] });
        expect(vigil.listeningAfterMs).toBeLessThan(LISTENS_WITHIN_MS);
      },
      START_TIMEOUT_MS,
    );

    it('stops by itself when what was typed is killed', async () => {
      process.kill(vigil.command.pid, 'SIGKILL');
      await vigil.command.exited;
      await expect.poll(() => vigil.command.running(), until).toEqual([]);
      expect(await listening(vigil.record.ports)).toEqual([]);
      expect(machine.litter()).toEqual([]);
    });
  });
});

describe('npm start -- --breakable-bindings', () => {
  it(
    'serves the same data, and loses D1 when it is told to',
    async () => {
      const vigil = await machine.start(state, '--breakable-bindings');
      expect(vigil.loaded).toMatchObject({ created: 0, unchanged: SAMPLES, failed: [] });

      const fault = machine.run('fault', 'd1:lexical', 'hang', '--state', state);
      expect([await fault.exited, fault.stderr()]).toEqual([0, '']);
      const { degraded } = await searchFor(vigil, SAMPLE_NAMESPACE, {
        question: SAMPLE_QUESTION,
        cache: 'no-store',
      });
      expect(degraded).toEqual([{ step: 'retrieval:lexical', reason: 'TIMEOUT' }]);
      const control = createControlClient(vigil.record.cloudUrl ?? '');
      const lexical = async () => (await control.counters()).calls.find(({ instance }) => instance === 'lexical');
      await expect
        .poll(lexical, until)
        .toMatchObject({ service: 'd1', operation: 'batch', cancelled: 1, waitingMost: 1 });

      vigil.command.interrupt();
      expect(await vigil.command.exited).toBe(CTRL_C);
    },
    START_TIMEOUT_MS,
  );
});

describe('npm run local', () => {
  it('prints what the official clients need, and ends by Ctrl-C', async () => {
    const local = machine.run('local', '--state', machine.newState());
    await local.printed('UPSTASH_VECTOR_REST_TOKEN=');
    const env = Object.fromEntries(
      local
        .stdout()
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/=(.*)/s)),
    );
    const redis = new Redis({ url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN });
    await redis.set('lamp', 'lit');
    expect(await redis.get('lamp')).toBe('lit');
    const index = new Index({ url: env.UPSTASH_VECTOR_REST_URL, token: env.UPSTASH_VECTOR_REST_TOKEN });
    await index.upsert({ id: 'lamp', data: 'The lamp burns whale oil.' });
    await expect
      .poll(() => index.query({ data: 'What burns in the lamp?', topK: 1 }), until)
      .toMatchObject([{ id: 'lamp' }]);

    local.interrupt();
    expect(await local.exited).toBe(CTRL_C);
    expect([local.running(), local.stderr(), machine.litter()]).toEqual([[], '', []]);
  });
});

function isNotWorkerd({ pid }: { pid: number }): boolean {
  return !execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .endsWith('workerd');
}

function request(vigil: StartedVigil, path: string, init: RequestInit, namespace = 'doors'): Promise<Response> {
  const headers = { authorization: `Bearer ${vigil.key}`, ...init.headers };
  return fetch(new URL(`/v1/namespaces/${namespace}/${path}`, vigil.url), { ...init, headers });
}

async function ingest(vigil: StartedVigil, body: string): Promise<void> {
  const headers = { 'content-type': 'text/plain' };
  expect((await request(vigil, 'documents/door', { method: 'PUT', headers, body })).status).toBe(202);
  const state = async () => documentSchema.parse(await (await request(vigil, 'documents/door', {})).json()).state;
  await expect.poll(state, until).toBe('ready');
}

async function search(vigil: StartedVigil, question: string, retrieval: 'vector' | 'lexical'): Promise<string[]> {
  const { passages } = await searchFor(vigil, 'doors', { question, retrieval });
  return passages.map(({ text }) => text);
}

async function searchFor(vigil: StartedVigil, namespace: string, search: object) {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(search) };
  return searchResultSchema.parse(await (await request(vigil, 'search', init, namespace)).json());
}
