import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Process ids are reused; an id together with the moment its process began is not. */
export interface ProcessRecord {
  pid: number;
  startTime: string;
}

export interface ProcessEntry extends ProcessRecord {
  parentPid: number;
  groupId: number;
}

/** Every live process of this machine; zombies, which only wait for their parent to notice, are left out. */
export function listProcesses(): ProcessEntry[] {
  return process.platform === 'linux' ? listFromProc() : listFromPs();
}

/** The processes that `pid` started, and theirs. */
export function descendantsOf(pid: number, table: ProcessEntry[]): ProcessEntry[] {
  const children = table.filter((entry) => entry.parentPid === pid && entry.pid !== pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, table)]);
}

/** Those of `records` that are still the process they were when recorded. */
export function stillRunning(records: ProcessRecord[], table: ProcessEntry[]): ProcessEntry[] {
  const recorded = new Map(records.map((record) => [record.pid, record.startTime]));
  return table.filter((entry) => recorded.get(entry.pid) === entry.startTime);
}

function listFromProc(): ProcessEntry[] {
  // Start times count from the machine's boot: without the boot's own id they would repeat after a reboot.
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = readStat(pid);
      return stat === null ? [] : parseStat(stat, bootId);
    });
}

function readStat(pid: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // It ended since the folder was listed.
  }
}

/** One line of /proc/PID/stat (proc_pid_stat(5)); the command name, second, may itself hold spaces and parentheses. */
export function parseStat(stat: string, bootId: string): ProcessEntry[] {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parentPid, groupId] = fields;
  const startTicks = fields[19];
  if (state === 'Z' || state === 'X' || startTicks === undefined) return [];
  return [
    {
      pid: Number.parseInt(stat, 10),
      parentPid: Number(parentPid),
      groupId: Number(groupId),
      startTime: `${bootId}:${startTicks}`,
    },
  ];
}

function listFromPs(): ProcessEntry[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], { encoding: 'utf8' });
  return table.split('\n').flatMap((line) => {
    const [pid, parentPid, groupId, state, ...startTime] = line.trim().split(/\s+/);
    if (state === undefined || state.startsWith('Z')) return [];
    return [
      { pid: Number(pid), parentPid: Number(parentPid), groupId: Number(groupId), startTime: startTime.join(' ') },
    ];
  });
}
