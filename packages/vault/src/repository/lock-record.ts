import { hostname, userInfo } from 'node:os';
import { isProcessRunning } from '@rootcellar/core';
import { asCount, asObject, asText } from './json-fields.ts';

/** Who works with the vault. Source: restic, `doc/design.rst`, Locks. */
export interface LockRecord {
  readonly time: Date;
  readonly isExclusive: boolean;
  readonly hostname: string;
  readonly pid: number;
}

/** Stock restic believes a lock that is older to be left behind. */
export const STALE_MS = 30 * 60_000;

export function encodeLock({ time, isExclusive }: Pick<LockRecord, 'time' | 'isExclusive'>): unknown {
  const { username, uid, gid } = userInfo();
  return {
    time: time.toISOString(),
    exclusive: isExclusive,
    hostname: hostname(),
    username,
    pid: process.pid,
    // Left out for root, as Go does; Windows has none.
    ...(uid > 0 && { uid }),
    ...(gid > 0 && { gid }),
  };
}

/** @returns `undefined` if it is no lock */
export function parseLock(document: unknown): LockRecord | undefined {
  const fields = asObject(document);
  const time = new Date(asText(fields?.['time']) ?? Number.NaN);
  const isExclusive = fields?.['exclusive'];
  if (Number.isNaN(time.getTime()) || typeof isExclusive !== 'boolean') return undefined;
  return {
    time,
    isExclusive,
    hostname: asText(fields?.['hostname']) ?? '',
    pid: asCount(fields?.['pid']) ?? 0,
  };
}

/** Left behind: too old, or of a process of this machine that does not run any more. */
export function isStale(lock: LockRecord, now: Date): boolean {
  if (now.getTime() - lock.time.getTime() > STALE_MS) return true;
  return lock.hostname === hostname() && lock.pid > 0 && !isProcessRunning(lock.pid);
}
