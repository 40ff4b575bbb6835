import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where this program keeps its state, unless `--data` or `ROOTCELLAR_DATA` says otherwise. */
export function dataFolder(
  named: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const wanted = named ?? environment['ROOTCELLAR_DATA'];
  if (wanted !== undefined && wanted !== '') return resolve(wanted);
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Rootcellar');
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Rootcellar');
  }
  return join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'rootcellar');
}
