import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isErrno } from '@rootcellar/core';
import { recoveryKitError } from './errors.ts';

/**
 * Where a kit is written unless somebody says so: not where one happens to be, which may be a folder that is shared or
 * under version control.
 *
 * @returns an absolute path
 */
export function kitFile(to: string | undefined, udid: string, home = homedir()): string {
  return to === undefined ? join(home, `recovery-kit-${udid}.html`) : resolve(to);
}

/**
 * Writes a new file that its owner alone can read.
 *
 * @throws `recovery-kit.file-exists`, `recovery-kit.file-unwritable`
 */
export async function writeKit(file: string, html: string): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(html).finally(() => handle.close());
  } catch (error) {
    if (isErrno(error, 'EEXIST')) throw recoveryKitError('file-exists');
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw recoveryKitError('file-unwritable', { systemCode: code });
  }
}
