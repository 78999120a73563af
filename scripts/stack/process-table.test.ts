import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { descendantsOf, listProcesses, parseStat, stillRunning } from './process-table.ts';
import { endOrphans } from './stack-record.ts';

function entry(pid: number, parentPid: number, startTime = `t${pid}`) {
  return { pid, parentPid, groupId: 1, startTime };
}

describe('the process table', () => {
  it('reads a process whose name holds spaces and parentheses', () => {
    const stat = `42 (a) b (c) S 7 9 9 0 -1 ${Array.from({ length: 13 }, (_, n) => n).join(' ')} 98765 0 0`;
    expect(parseStat(stat, 'boot')).toEqual([{ pid: 42, parentPid: 7, groupId: 9, startTime: 'boot:98765' }]);
  });

  it('leaves zombies out', () => {
    expect(parseStat(`42 (a) Z 7 9 9 0 -1 ${'0 '.repeat(30)}`, 'boot')).toEqual([]);
  });

  it('finds this process with a start time that does not change', () => {
    const own = () => listProcesses().find(({ pid }) => pid === process.pid);
    expect(own()?.parentPid).toBe(process.ppid);
    expect(own()?.startTime).toBe(own()?.startTime);
  });

  it('follows a family down to the last grandchild', () => {
    const table = [entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 1), entry(5, 9)];
    expect(descendantsOf(1, table).map(({ pid }) => pid)).toEqual([2, 3, 4]);
  });

  it('takes a reused process id for the stranger it is', () => {
    const table = [entry(2, 1, 'new'), entry(3, 1, 'same')];
    const records = [
      { pid: 2, startTime: 'old' },
      { pid: 3, startTime: 'same' },
      { pid: 4, startTime: 'gone' },
    ];
    expect(stillRunning(records, table).map(({ pid }) => pid)).toEqual([3]);
  });

  it('ends exactly the recorded processes', async () => {
    const [mine, stranger] = [spawn('sleep', ['60']), spawn('sleep', ['60'])];
    const recordOf = (pid: number | undefined) => {
      const found = listProcesses().find((candidate) => candidate.pid === pid);
      if (found === undefined) throw new Error(`process ${pid} is not running`);
      return found;
    };
    const ended = once(mine, 'exit');
    await endOrphans([recordOf(mine.pid), { ...recordOf(stranger.pid), startTime: 'an earlier process with this id' }]);
    expect((await ended)[1]).toBe('SIGKILL');
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    stranger.kill();
  });

  it('ends what a recorded process has started since', async () => {
    const parent = spawn('sh', ['-c', 'sleep 60 & wait']);
    const familyNow = () => listProcesses().filter((entry) => [entry.pid, entry.parentPid].includes(parent.pid ?? 0));
    await expect.poll(familyNow).toHaveLength(2);
    const family = familyNow();
    await endOrphans(family.filter(({ pid }) => pid === parent.pid));
    expect(stillRunning(family, listProcesses())).toEqual([]);
  });
});
