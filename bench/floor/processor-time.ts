import { readFileSync } from 'node:fs';
import { descendantsOf, listProcesses } from '../../scripts/stack/process-table.ts';

// Linux counts in hundredths of a second on every architecture that Node runs on: sysconf(_SC_CLK_TCK).
const TICK_MS = 10;

/** What all processes that this one has started have used until now; `null` where the system does not tell so exactly. */
export function startedProcessorMs(): number | null {
  if (process.platform !== 'linux') return null;
  const started = descendantsOf(process.pid, listProcesses());
  return started.reduce((sum, { pid }) => sum + processorMs(pid), 0);
}

/** User and system time of /proc/PID/stat (proc_pid_stat(5)), after the name in parentheses. */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
