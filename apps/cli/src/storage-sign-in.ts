import type { Secret } from '@rootcellar/core';
import type { StorageSignIn, VaultLocation } from '@rootcellar/operations';
import { readPassword } from './password-input.ts';
import { type Asking, askText } from './prompts.ts';
import type { Surface } from './surface.ts';
import { UsageError } from './usage-error.ts';

/** Asks how to sign in at a server; where nobody can be asked, it is not known. */
export function askStorageSignIn(
  asking: Asking & Pick<Surface, 'canAsk'>,
): (location: VaultLocation) => Promise<StorageSignIn | undefined> {
  return async (location) => {
    if (!asking.canAsk || location.kind === 'folder') return undefined;
    if (location.kind === 's3') {
      const accessKeyID = await ask('The access key of the S3 service (its name)', asking);
      const secretAccessKey = await unseen('its secret', 'AWS_SECRET_ACCESS_KEY', asking);
      return { kind: 's3', accessKeyID, secretAccessKey };
    }
    const username = location.username || (await ask('Your name at the server', asking));
    return {
      kind: 'rest',
      username,
      password: await unseen('your password at the server', 'RESTIC_REST_PASSWORD', asking),
    };
  };
}

const unseen = (purpose: string, environmentVariable: string, asking: Asking): Promise<Secret> =>
  readPassword({ purpose, environmentVariable }, asking);

async function ask(message: string, asking: Asking): Promise<string> {
  const answer = await askText(message, asking);
  if (!answer) throw new UsageError('Nothing was changed.');
  return answer;
}
