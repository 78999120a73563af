import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { descendantsOf, listProcesses } from '../../scripts/stack/process-table.ts';

const LISTENING = '0A';

/** The workerds that this process's stacks run: the one with the Workers, and wrangler's own before it. */
export function workerdProcesses(): number[] {
  return descendantsOf(process.pid, listProcesses())
    .map(({ pid }) => pid)
    .filter((pid) => readProc(pid, 'comm').trim() === 'workerd');
}

/** What they hold in physical memory, in bytes. */
export function workerdResidentBytes(): number {
  return workerdProcesses().reduce((sum, pid) => {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status'))?.[1];
    return sum + Number(kilobytes ?? 0) * 1_024;
  }, 0);
}

/** Where they listen on IPv4 (proc_pid_net(5)). */
export function workerdPorts(): number[] {
  return workerdProcesses().flatMap((pid) => {
    const sockets = socketsOf(pid);
    const lines = readProc(pid, 'net/tcp').trim().split('\n').slice(1);
    return lines.flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [, address = '', , state] = fields;
      const isOurs = state === LISTENING && sockets.has(fields[9] ?? '');
      return isOurs ? [Number.parseInt(address.split(':')[1] ?? '', 16)] : [];
    });
  });
}

function socketsOf(pid: number): Set<string> {
  const dir = `/proc/${pid}/fd`;
  const links = readdirSync(dir).map((fd) => /^socket:\[(\d+)\]$/.exec(linkAt(`${dir}/${fd}`))?.[1]);
  return new Set(links.filter((inode) => inode !== undefined));
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // It was closed since the folder was listed.
  }
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return ''; // It ended since the processes were listed.
  }
}
