import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { documentSchema } from '../src/http/document-view.ts';
import { problemSchema } from '../src/http/errors.ts';
import { reconciliationListSchema, reconciliationSchema } from '../src/http/reconciliation-view.ts';
import { startVigil, type VigilUnderTest } from './support/vigil-under-test.ts';

const until = { timeout: 25_000, interval: 100 };
const RUNS = '/v1/admin/reconciliations';

let vigil: VigilUnderTest;

beforeAll(async () => {
  vigil = await startVigil();
  const path = '/v1/namespaces/docs/documents/lamp.md';
  const headers = { 'content-type': 'text/markdown' };
  await vigil.fetch(path, { method: 'PUT', headers, body: '# Lamp\n\nThe lamp burns whale oil.' });
  const stores = async () => Object.values(documentSchema.parse(await (await vigil.fetch(path)).json()).stores);
  await vi.waitFor(async () => expect(await stores()).toEqual(['current', 'current', 'current']), until);
}, 60_000);
afterAll(() => vigil.close());

function start(order: object) {
  const headers = { 'content-type': 'application/json' };
  return vigil.fetch(RUNS, { method: 'POST', headers, body: JSON.stringify(order) });
}

async function problemOf(response: Response) {
  return problemSchema.parse(await response.json());
}

describe('the routes of reconciliations', () => {
  it('start one in the background, and have its report', async () => {
    const started = await start({ namespace: 'docs', force: true });
    expect(started.status).toBe(202);
    const path = started.headers.get('location') ?? '';
    const read = async () => reconciliationSchema.parse(await (await vigil.fetch(path)).json());
    const report = await vi.waitFor(async () => {
      const now = await read();
      expect(now.state).toBe('finished');
      return now;
    }, until);
    expect(report).toMatchObject({ namespace: 'docs', force: true, requestedBy: 'operator', unrepaired: 0 });
    expect(Object.keys(report.stores)).toEqual(
      expect.arrayContaining(['vectorize', 'upstash', 'lexical', 'documents']),
    );
    const { reconciliations } = reconciliationListSchema.parse(await (await vigil.fetch(RUNS)).json());
    expect(reconciliations).toEqual([report]);
  });

  it('run one at a time', async () => {
    const responses = await Promise.all([start({}), start({}), start({})]);
    expect(responses.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
    const refused = responses.find(({ status }) => status === 409);
    if (refused === undefined) throw new Error('none was refused');
    expect(await problemOf(refused)).toMatchObject({
      code: 'RECONCILIATION_RUNNING',
      detail: expect.stringContaining(`${RUNS}/`),
    });
  });

  it('refuse what they do not know', async () => {
    expect(await problemOf(await vigil.fetch(`${RUNS}/nothing`))).toMatchObject({ code: 'RECONCILIATION_NOT_FOUND' });
    expect(await problemOf(await start({ namespace: 'nowhere' }))).toMatchObject({ code: 'NAMESPACE_NOT_FOUND' });
    const misspelt = await problemOf(await start({ forced: true }));
    expect(misspelt.errors).toEqual([{ pointer: '/forced', detail: expect.stringContaining('did you mean "force"') }]);
    expect((await vigil.fetchWithoutKey(RUNS)).status).toBe(401);
  });
});
