import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where services lie, which the path of a person often leaves out. */
const FOLDERS_OF_SERVICES = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** Is there a program called usbmuxd on this computer? */
export async function isUsbmuxdInstalled(searchPath = process.env['PATH'] ?? ''): Promise<boolean> {
  for (const folder of [...FOLDERS_OF_SERVICES, ...searchPath.split(delimiter)]) {
    if (folder === '') continue;
    const isThere = await access(join(folder, 'usbmuxd'), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
  }
  return false;
}
