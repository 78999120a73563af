import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { fail, type Result, succeed } from '../../src/result.ts';
import { CommandFailure } from '../command.ts';
import { descendantsOf, listProcesses, type ProcessRecord, stillRunning } from './process-table.ts';

const processRecord = z.object({ pid: z.number().int(), startTime: z.string() });

const stackRecord = z.object({
  version: z.literal(1),
  /** Of the API; null when the local cloud runs alone. */
  url: z.string().nullable(),
  key: z.string(),
  /** Of the local cloud, whose control endpoint injects faults. */
  cloudUrl: z.string().nullable(),
  ports: z.object({ api: z.number().nullable(), cloud: z.number(), redis: z.number(), vector: z.number() }).nullable(),
  /** The process that started the stack and stops it. */
  owner: processRecord,
  /** Everything the owner started. */
  processes: z.array(processRecord),
  startedAt: z.string(),
});

/** What runs from one state folder, so that other commands find it and the next start can clean up after a crash. */
export type StackRecord = z.infer<typeof stackRecord>;

const GONE_TIMEOUT_MS = 5_000;

/** The running stack of this folder, or null. */
export function findRunningStack(stateDir: string): StackRecord | null {
  const record = readRecord(stateDir);
  if (record === null) return null;
  return stillRunning([record.owner], listProcesses()).length > 0 ? record : null;
}

/**
 * Makes this process the owner of the state folder, ending what a killed owner left behind.
 * Fails with the record of the stack that is already running there.
 */
export async function claimState(stateDir: string, url: string | null): Promise<Result<StackRecord, StackRecord>> {
  mkdirSync(stateDir, { recursive: true });
  const leftBehind = readRecord(stateDir);
  if (leftBehind !== null && findRunningStack(stateDir) === null) await endOrphans(leftBehind.processes);
  // Looked at once more, for another start may have come first while the orphans were ending.
  const running = findRunningStack(stateDir);
  if (running !== null) return fail(running);
  rmSync(recordPath(stateDir), { force: true });

  const [owner] = listProcesses().filter((entry) => entry.pid === process.pid);
  if (owner === undefined) throw new Error('this process is not in the process table');
  const record: StackRecord = {
    version: 1,
    url,
    key: '',
    cloudUrl: null,
    ports: null,
    owner: { pid: owner.pid, startTime: owner.startTime },
    processes: [],
    startedAt: new Date().toISOString(),
  };
  // A hard link fails when the name exists: of two starts at the same moment one wins, and nobody reads half a file.
  const draft = writeDraft(stateDir, record);
  try {
    linkSync(draft, recordPath(stateDir));
  } catch (error) {
    const winner = findRunningStack(stateDir);
    if (winner === null) throw error;
    return fail(winner);
  } finally {
    rmSync(draft, { force: true });
  }
  return succeed(record);
}

/** Replaces the record, as a whole. */
export function updateRecord(stateDir: string, record: StackRecord): void {
  renameSync(writeDraft(stateDir, record), recordPath(stateDir));
}

/** The stack has stopped in order: nothing is left to find. */
export function releaseState(stateDir: string): void {
  rmSync(recordPath(stateDir), { force: true });
}

/** Everything this process has started so far, as it goes into the record. */
export function startedProcesses(): ProcessRecord[] {
  return descendantsOf(process.pid, listProcesses()).map(({ pid, startTime }) => ({ pid, startTime }));
}

/**
 * Ends exactly the recorded processes and what these have started since, and none that merely got one of their ids later.
 */
export async function endOrphans(records: ProcessRecord[]): Promise<void> {
  const giveUpAt = performance.now() + GONE_TIMEOUT_MS;
  let known = records;
  for (;;) {
    const table = listProcesses();
    known = [...known, ...stillRunning(known, table).flatMap(({ pid }) => descendantsOf(pid, table))];
    const orphans = stillRunning(known, table);
    if (orphans.length === 0) return;
    if (performance.now() > giveUpAt) {
      throw new CommandFailure(`Processes of an earlier run do not end: ${orphans.map(({ pid }) => pid).join(', ')}`);
    }
    for (const { pid } of orphans) kill(pid);
    await sleep(50);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself since the table was read.
  }
}

function readRecord(stateDir: string): StackRecord | null {
  let text: string;
  try {
    text = readFileSync(recordPath(stateDir), 'utf8');
  } catch {
    return null;
  }
  const parsed = stackRecord.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new CommandFailure(
    `${recordPath(stateDir)} is not of this version: stop the stack that wrote it, delete the file.`,
  );
}

function writeDraft(stateDir: string, record: StackRecord): string {
  const draft = `${recordPath(stateDir)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  return draft;
}

function recordPath(stateDir: string): string {
  return join(stateDir, 'stack.json');
}
