import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Says which of these programs are missing: in CI that is a failure, elsewhere the tests are skipped, loudly.
 *
 * @example
 * describe.skipIf(isMissing('idevice_id', 'ideviceinfo'))('ideviceinfo', () => { … });
 */
export function isMissing(...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return false;
  const message = `Not installed, needed for interop tests: ${missing.join(', ')}`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`SKIPPED – ${message}`);
  return true;
}

function isInstalled(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
