import { describe, expect, it } from 'vitest';
import { fail, succeed } from '../../src/result.ts';
import type { ApiClient, ApiDocument, ApiFailure, NewDocument } from '../api-client.ts';
import { createOutput } from '../output.ts';
import { describeSummary, ingestDocuments } from './ingest-documents.ts';

function document(id: string, state: ApiDocument['state'], extra: Partial<ApiDocument> = {}) {
  const value: ApiDocument = { id, state, processing: null, failed: null, outcome: null, ...extra };
  return succeed({ value, raw: value });
}

function problem(status: number, retryAfterMs: number | null, code = `CODE_${status}`) {
  const failure: ApiFailure = {
    kind: 'problem',
    ...{
      type: '',
      title: '',
      status,
      code,
      detail: 'detail',
      requestId: 'r',
      errors: [],
      retryAfterMs,
    },
  };
  return fail(failure);
}

const UNREADABLE = 'unreadable.md';

/** A Vigil whose answers are scripted, and a clock that only sleeping moves. */
function setUp(script: Pick<ApiClient, 'putDocument' | 'getDocument'>, ids: string[], timeoutMs = 60_000) {
  let nowMs = 0;
  const sleeps: number[] = [];
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) };
  return {
    sleeps,
    written,
    ingest: () =>
      ingestDocuments({
        client: script,
        namespace: 'docs',
        documents: ids.map((id) => ({ id, read: () => readMade(id) })),
        output: createOutput({ json: false, stdout: stream, stderr: stream }),
        timeoutMs,
        timing: {
          nowMs: () => nowMs,
          sleep: async (ms) => {
            sleeps.push(ms);
            nowMs += ms;
          },
        },
      }),
  };
}

function readMade(id: string): NewDocument {
  if (id === UNREADABLE) throw new Error('EACCES: permission denied');
  return { id, body: id, contentType: 'text/plain' };
}

const ids = Array.from({ length: 20 }, (_, n) => `d${n}`);

describe('ingesting documents', () => {
  it('waits until every accepted document is searchable', async () => {
    const polls = new Map<string, number>();
    const { ingest } = setUp(
      {
        putDocument: async (_, { id }) => document(id, 'queued', { outcome: 'created' }),
        getDocument: async (_, id) => {
          const times = (polls.get(id) ?? 0) + 1;
          polls.set(id, times);
          return document(id, times < 3 ? 'processing' : 'ready');
        },
      },
      ids,
    );
    expect(await ingest()).toMatchObject({ created: 20, updated: 0, unchanged: 0, failed: [] });
    expect([...polls.values()]).toEqual(ids.map(() => 3));
  });

  it('goes on without a file that cannot be read', async () => {
    const { ingest } = setUp(
      {
        putDocument: async (_, { id }) => document(id, 'ready', { outcome: 'created' }),
        getDocument: () => Promise.reject(new Error('nothing to wait for')),
      },
      [UNREADABLE, ...ids],
    );
    const failed = [{ id: UNREADABLE, message: 'it cannot be read: EACCES: permission denied' }];
    expect(await ingest()).toMatchObject({ created: 20, failed });
  });

  it('does not wait for unchanged documents', async () => {
    const { ingest, sleeps } = setUp(
      {
        putDocument: async (_, { id }) => document(id, 'ready', { outcome: 'unchanged' }),
        getDocument: () => Promise.reject(new Error('nothing to wait for')),
      },
      ids,
    );
    expect(await ingest()).toMatchObject({ unchanged: 20, failed: [] });
    expect(sleeps).toEqual([]);
  });

  it.each([429, 503])('comes back when a %d says so', async (status) => {
    let attempts = 0;
    const { ingest, sleeps } = setUp(
      {
        putDocument: async (_, { id }) =>
          ++attempts < 3 ? problem(status, 7_000) : document(id, 'ready', { outcome: 'created' }),
        getDocument: () => Promise.reject(new Error('nothing to wait for')),
      },
      ['a'],
    );
    expect(await ingest()).toMatchObject({ created: 1, failed: [], seconds: 14 });
    expect(sleeps).toEqual([7_000, 7_000]);
  });

  it('survives a broken connection, and gives up on a service that is gone for all documents together', async () => {
    const unreachable = fail<ApiFailure>({ kind: 'unreachable', url: 'http://vigil', message: 'reset' });
    let puts = 0;
    const getDocument = () => Promise.reject(new Error('nothing to wait for'));
    const flaky = setUp(
      {
        putDocument: async (_, { id }) =>
          ++puts % 2 === 1 ? unreachable : document(id, 'ready', { outcome: 'created' }),
        getDocument,
      },
      ids,
    );
    expect(await flaky.ingest()).toMatchObject({ created: 20, failed: [] });

    const gone = setUp({ putDocument: async () => unreachable, getDocument }, ids);
    const { failed } = await gone.ingest();
    expect(failed.map(({ id }) => id).sort()).toEqual(ids.toSorted());
    expect(gone.sleeps).toHaveLength(20);
  });

  it.each([
    ['a refusal', problem(422, null), 'CODE_422'],
    ['a 503 that names no time', problem(503, null), 'CODE_503'],
    ['a wait past the deadline', problem(429, 120_000), 'CODE_429'],
    ['what waiting does not mend', problem(503, 5_000, 'CONFIG_INVALID'), 'CONFIG_INVALID'],
  ])('reports %s at once, with the document’s name', async (_, answer, words) => {
    const { ingest, sleeps } = setUp(
      { putDocument: async () => answer, getDocument: () => Promise.reject(new Error('never accepted')) },
      ['a'],
    );
    const summary = await ingest();
    expect(summary.failed).toEqual([{ id: 'a', message: expect.stringContaining(words) }]);
    expect(sleeps).toEqual([]);
  });

  it('waits on through a failure that will be retried, and not through a final one', async () => {
    const failed = { code: 'EMBEDDING_FAILED', message: 'no', attempts: 3, nextRetryAt: null };
    let polls = 0;
    const { ingest } = setUp(
      {
        putDocument: async (_, { id }) => document(id, 'queued', { outcome: 'created' }),
        getDocument: async (_, id) => {
          if (id === 'final') return document(id, 'failed', { failed });
          const later = { ...failed, nextRetryAt: '2026-01-01T00:00:00Z' };
          return ++polls < 4 ? document(id, 'failed', { failed: later }) : document(id, 'ready');
        },
      },
      ['final', 'recovers'],
    );
    expect((await ingest()).failed).toEqual([{ id: 'final', message: 'EMBEDDING_FAILED: no' }]);
  });

  describe('of another fingerprint than the indexes have', () => {
    const mismatch = (attempts: number, nextRetryAt: string | null = '2026-01-01T00:00:00Z') => ({
      failed: { code: 'FINGERPRINT_MISMATCH', message: 'all was built otherwise', attempts, nextRetryAt },
    });
    const given = [{ id: 'a', message: 'FINGERPRINT_MISMATCH: all was built otherwise' }];

    /** A document that was put before, waits after `before`, and then looks like each of `polls`, the last one for good. */
    function setUpWaiting(before: Partial<ApiDocument>, polls: ReturnType<typeof document>[]) {
      const last = polls.at(-1) ?? document('a', 'queued', before);
      return setUp(
        {
          putDocument: async (_, { id }) => document(id, 'queued', { outcome: 'unchanged', ...before }),
          getDocument: async () => polls.shift() ?? last,
        },
        ['a'],
      );
    }

    it.each(['created', 'updated'] as const)(
      'does not wait for what is %s, though the service tries again',
      async (outcome) => {
        const { ingest, sleeps, written } = setUp(
          {
            putDocument: async (_, { id }) => document(id, 'queued', { outcome }),
            getDocument: async (_, id) => document(id, 'queued', mismatch(1)),
          },
          ['a'],
        );
        expect((await ingest()).failed).toEqual(given);
        expect(sleeps).toEqual([]);
        expect(written.join('')).not.toContain('FINGERPRINT_MISMATCH');
      },
    );

    it('waits for the next attempt of what had failed before, and says so once', async () => {
      const { ingest, written } = setUpWaiting(mismatch(3), [
        document('a', 'queued', mismatch(3)),
        document('a', 'queued', mismatch(3)),
        document('a', 'processing', mismatch(4, null)),
        document('a', 'ready'),
      ]);
      expect(await ingest()).toMatchObject({ unchanged: 1, failed: [] });
      const lines = written.join('').split('\n');
      expect(lines.filter((line) => line.includes('FINGERPRINT_MISMATCH: all was built otherwise'))).toEqual([
        expect.stringContaining('2026-01-01T00:00:00Z'),
      ]);
    });

    it('gives up as soon as that attempt has failed as well', async () => {
      const { ingest, sleeps } = setUpWaiting(mismatch(3), [
        document('a', 'queued', mismatch(3)),
        document('a', 'processing', mismatch(4, null)),
        document('a', 'queued', mismatch(4, '2026-01-01T00:10:00Z')),
      ]);
      expect((await ingest()).failed).toEqual(given);
      expect(sleeps).toHaveLength(2);
    });

    it('takes an attempt that was put off, or asked for anew, for no new failure', async () => {
      const { ingest } = setUpWaiting(mismatch(3), [
        document('a', 'queued', mismatch(3, '2026-01-01T00:00:05Z')),
        document('a', 'queued', mismatch(0, '2026-01-01T00:00:06Z')),
        document('a', 'processing', mismatch(1, null)),
        document('a', 'ready'),
      ]);
      expect(await ingest()).toMatchObject({ unchanged: 1, failed: [] });
    });

    it('sees that an attempt asked for anew has failed, though it counts from one again', async () => {
      const { ingest, sleeps } = setUpWaiting(mismatch(1), [
        document('a', 'queued', mismatch(0)),
        document('a', 'queued', mismatch(1, '2026-01-01T00:01:00Z')),
      ]);
      expect((await ingest()).failed).toEqual(given);
      expect(sleeps).toHaveLength(1);
    });

    it('judges by its end an attempt that goes on already', async () => {
      const { ingest, sleeps } = setUpWaiting({ state: 'processing', ...mismatch(4, null) }, [
        document('a', 'processing', mismatch(4, null)),
        document('a', 'queued', mismatch(4)),
      ]);
      expect((await ingest()).failed).toEqual(given);
      expect(sleeps).toHaveLength(1);
    });

    it('waits for the attempt after a retry that nobody has begun yet', async () => {
      const { ingest } = setUpWaiting(mismatch(0), [
        document('a', 'queued', mismatch(0)),
        document('a', 'processing', mismatch(1, null)),
        document('a', 'ready'),
      ]);
      expect(await ingest()).toMatchObject({ unchanged: 1, failed: [] });
    });
  });

  it('names what is not searchable in time, and sees the rest become so behind it', async () => {
    const { ingest } = setUp(
      {
        putDocument: async (_, { id }) => document(id, 'queued', { outcome: 'created' }),
        getDocument: async (_, id) => document(id, Number(id.slice(1)) < 10 ? 'queued' : 'ready'),
      },
      ids,
    );
    const { created, failed, seconds } = await ingest();
    expect(failed.map(({ id }) => id).sort()).toEqual(ids.slice(0, 10));
    // Each document counts once.
    expect(created).toBe(ids.length - 10);
    expect(seconds).toBe(60);
  });

  it('tells with what the last attempt failed of what is not searchable in time', async () => {
    const failed = { code: 'UPSTREAM_UNAVAILABLE', message: 'vectorize: timeout', attempts: 2, nextRetryAt: null };
    const { ingest } = setUp(
      {
        putDocument: async (_, { id }) => document(id, 'queued', { outcome: 'created' }),
        getDocument: async (_, id) => document(id, 'queued', id === 'a' ? { failed } : {}),
      },
      ['a', 'b'],
    );
    const late = 'not searchable in time; it may still become so';
    expect((await ingest()).failed).toEqual([
      { id: 'a', message: `${late}; the last attempt failed with UPSTREAM_UNAVAILABLE: vectorize: timeout` },
      { id: 'b', message: late },
    ]);
  });
});

it('tells a reason once for all documents that failed for it', () => {
  const failed = [
    { id: 'a', message: 'no room' },
    { id: 'b', message: 'not text' },
    { id: 'c', message: 'no room' },
  ];
  expect(describeSummary({ created: 1, updated: 0, unchanged: 2, failed, seconds: 0.5 })).toBe(
    '1 created, 0 updated, 2 unchanged, 3 failed in 0.5 s.\n  a, c: no room\n  b: not text',
  );
});
