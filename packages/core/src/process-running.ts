import { readFileSync } from 'node:fs';
import { isErrno } from './trees/disk-errors.ts';

/** Of `/proc/<pid>/stat`, after the name in brackets: it has ended, and nobody has asked how. Source: proc_pid_stat(5). */
const ENDED = /\) [ZX] /;

/** Does a process of that number run on this machine, whoever it belongs to? One that has ended does not, also if it is still listed. */
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
    return ENDED.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
