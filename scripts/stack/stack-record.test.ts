import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootstrapKey } from './bootstrap-key.ts';
import { listProcesses } from './process-table.ts';
import { claimState, findRunningStack, releaseState, updateRecord } from './stack-record.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vigil-state-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const URL_OF_STACK = 'http://127.0.0.1:8787';

async function claimed() {
  const claim = await claimState(dir, URL_OF_STACK);
  if (!claim.ok) throw new Error('the folder is taken');
  return claim.value;
}

describe('the record of a stack', () => {
  it('is found while its owner lives, and refuses a second owner', async () => {
    const record = await claimed();
    expect(findRunningStack(dir)).toEqual(record);
    expect(await claimState(dir, 'http://127.0.0.1:9000')).toEqual({ ok: false, error: record });
  });

  it('is gone after an orderly stop', async () => {
    await claimed();
    releaseState(dir);
    expect(findRunningStack(dir)).toBeNull();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('of a killed owner is taken over, and what it left running is ended', async () => {
    const orphan = spawn('sleep', ['60']);
    const found = listProcesses().find(({ pid }) => pid === orphan.pid);
    if (found === undefined) throw new Error('the orphan is not running');
    const record = await claimed();
    const killedOwner = { pid: process.pid, startTime: 'of an earlier process' };
    updateRecord(dir, { ...record, owner: killedOwner, processes: [{ pid: found.pid, startTime: found.startTime }] });
    expect(findRunningStack(dir)).toBeNull();

    const ended = once(orphan, 'exit');
    expect(await claimed()).toMatchObject({ owner: { pid: process.pid }, processes: [] });
    expect((await ended)[1]).toBe('SIGKILL');
  });

  it('lets one of two simultaneous starts win', async () => {
    const claims = await Promise.all([claimState(dir, URL_OF_STACK), claimState(dir, URL_OF_STACK)]);
    expect(claims.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('is readable by its user alone, for it holds the key', async () => {
    await claimed();
    expect(statSync(join(dir, 'stack.json')).mode & 0o077).toBe(0);
  });
});

describe('the bootstrap key', () => {
  it('has the form the API asks for and stays the same', () => {
    const key = bootstrapKey(dir);
    expect(key).toMatch(/^vgl_sk_local_[A-Za-z0-9]{8}_[A-Za-z0-9]{40}$/);
    expect(bootstrapKey(dir)).toBe(key);
    expect(statSync(join(dir, 'bootstrap-key')).mode & 0o077).toBe(0);
  });
});
