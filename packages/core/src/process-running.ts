import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isErrno } from './trees/disk-errors.ts';

/** Of `/proc/<pid>/stat`, after its name in brackets, which may hold brackets, too. Source: proc_pid_stat(5). */
const ENDED = /^.*\) [ZX] [^)]*$/s;

/**
 * Does a process of that number run on this machine, whoever it belongs to? One that has ended, and that nobody has waited for, does
 * not, though it is still listed.
 */
export function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
  return !hasEnded(pid);
}

/** Where nothing tells, it has not. */
function hasEnded(pid: number): boolean {
  try {
    // In a container without a /proc of its own, the numbers are those of other processes.
    if (readlinkSync('/proc/self') !== String(process.pid)) return false;
    // Others of its threads may work on when the first has ended.
    return (
      ENDED.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) && readdirSync(`/proc/${pid}/task`).length === 1
    );
  } catch {
    return false;
  }
}
